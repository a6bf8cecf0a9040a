import pytest

from supportbot.knowledge.folders import ImportedArticle, Skipped, read_folder


@pytest.fixture
def write(tmp_path):
    """Write files into a folder and read it."""

    def written(**files):
        for name, content in files.items():
            path = tmp_path / name.replace("__", "/").replace("_md", ".md")
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(content if isinstance(content, bytes) else content.encode())
        return read_folder(tmp_path)

    return written


def test_articles_are_found_in_nested_folders_in_order(write):
    found = write(refunds__how_md="# How", b_md="# B", a_md="# A", notes__x="no markdown")
    articles = [file.path for file in found if isinstance(file, ImportedArticle)]
    assert articles == ["a.md", "b.md", "refunds/how.md"]
    assert Skipped("notes/x", "It is not Markdown, HTML, PDF or CSV.") in found


def test_front_matter_tells_title_description_and_language(write):
    [article] = write(
        a_md="---\ntitle: Refund policy\ndescription: Money back.\nlang: de_AT\n---\n\n# A fair one\n\nText"
    )
    assert (article.title, article.own_title) == ("Refund policy", "A fair one")
    assert (article.description, article.language) == ("Money back.", "de-AT")
    assert article.body == "# A fair one\n\nText"


def test_without_front_matter_the_first_heading_is_the_title(write):
    [article] = write(a_md="# Cancel your plan\n\nText")
    assert (article.title, article.language) == ("Cancel your plan", "en")


def test_without_a_heading_the_file_name_is_the_title(write):
    titles = [article.title for article in write(**{"sign-in_md": "Text", "vat__index_md": "Text"})]
    assert titles == ["Sign in", "Vat"]


def test_slugs_come_from_the_path_or_the_front_matter(write):
    found = write(
        refunds__hey__index_md="Text",
        index_md="# All policies",
        b__Two_Words_md="Text",
        c_md="---\nslug: /own/\n---\nT",
    )
    assert {article.path: article.slug for article in found} == {
        "refunds/hey/index.md": "refunds-hey",
        "index.md": "all-policies",
        "b/Two_Words.md": "two-words",
        "c.md": "own",
    }


def test_what_is_no_article_is_skipped_with_a_reason(write):
    found = write(
        README_md="# Read me",
        LICENSE="MIT",
        latin_md="Größe".encode("latin-1"),
        broken_md="---\ntitle: [unclosed\n---\nText",
        empty_md="---\ntitle: Empty\n---\n\n<!-- later -->\n",
        draft_md="---\ndraft: true\n---\nText",
    )
    reasons = {file.path: file.reason for file in found if isinstance(file, Skipped)}
    assert len(reasons) == len(found) == 6
    assert (
        reasons["README.md"] == reasons["LICENSE"] == "It is about the folder, not an article for customers."
    )
    assert reasons["latin.md"] == "It is not UTF-8 text."
    assert reasons["broken.md"].startswith("The front matter is not valid YAML (line")
    assert reasons["empty.md"] == "It is empty."
    assert reasons["draft.md"] == "It is marked as a draft."


def test_articles_about_security_or_a_licence_are_no_files_about_the_folder(write):
    found = write(security__index_md="# Security", license_md="# Change your licence")
    assert all(isinstance(file, ImportedArticle) for file in found)


def test_hidden_files_and_links_bring_nothing_in(write, tmp_path):
    (tmp_path.parent / "secret.md").write_text("# Secret")
    (tmp_path / "link.md").symlink_to(tmp_path.parent / "secret.md")
    (tmp_path / "up").symlink_to(tmp_path.parent)
    found = write(**{".hidden_md": "# H", ".git__x_md": "# G"})
    assert found == [Skipped("link.md", "It is a link to another file.")]


def test_a_file_that_is_too_large_is_skipped(write):
    [skipped] = write(a_md="x " * 1_500_000)
    assert skipped == Skipped("a.md", "It is larger than 2 MB.")


def test_a_byte_order_mark_and_windows_line_ends_are_no_text(write):
    [article] = write(a_md=b"\xef\xbb\xbf---\r\ntitle: A\r\n---\r\n\r\nOne\r\nTwo")
    assert (article.title, article.body) == ("A", "One\nTwo")


def test_lines_of_dashes_are_no_front_matter(write):
    bodies = [
        article.body
        for article in write(a_md="# A\n\n---\n\nB\n\n---\n\nC", b_md="---\n\nText\n\n---\n\nMore")
    ]
    assert bodies == ["# A\n\n---\n\nB\n\n---\n\nC", "---\n\nText\n\n---\n\nMore"]


@pytest.mark.parametrize(
    "front_matter",
    [
        "title: [1, 2]",
        "title: {a: b}",
        "title:",
        "title: '\\ud800'",
        'title: "a\\0b"',
        "lang: 12",
        "- a list",
        "{}",
    ],
)
def test_odd_front_matter_never_breaks_reading(write, front_matter):
    [article] = write(a_md=f"---\n{front_matter}\n---\n\nText")
    article.title.encode()
    assert "\0" not in article.title
    assert article.language == "en"


def test_yaml_that_nests_too_deep_is_a_reason_and_no_crash(write):
    [skipped] = write(a_md=f"---\ntitle: {'[' * 15_000}\n---\n\nText")
    assert skipped.reason.startswith("The front matter is not valid YAML")


def test_a_folder_that_does_not_exist_holds_nothing(tmp_path):
    assert read_folder(tmp_path / "missing") == []
