"""What the local Anthropic server is made of; `anthropic_server.py` is its front."""
