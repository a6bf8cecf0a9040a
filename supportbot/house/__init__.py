"""What owners can change without a deployment, in sections with versions, known to every worker."""
