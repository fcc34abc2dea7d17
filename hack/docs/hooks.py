# Copyright The Journeyman Authors.
# SPDX-License-Identifier: Apache-2.0
"""Makes a site of docs/ as it stands in the repository, where its pages also have to read well.

A page may link to any file of the repository: what is no page leads to the forge. A folder in the navigation stands for
all of its pages, so that a new decision or KPI is in it by itself, and "*" for those that nobody placed.
"""

import logging
import posixpath
import re
import subprocess
from pathlib import Path

from mkdocs.structure.files import File

log = logging.getLogger("mkdocs.hooks.journeyman")
ROOT = Path(__file__).resolve().parents[2]
# Pages that are not in docs/, and README.md, which is none but whose links are checked.
ELSEWHERE = ["CONTRIBUTING.md"]
CHECKED = ["README.md", "hack/cluster/README.md"]
LINK = re.compile(r"(?<!!)(\[[^\]\[]*\]\()([^)\s]+)(\))")
FENCE = re.compile(r"^( *)(```|~~~).*?^\1\2 *$", re.M | re.S)


def on_config(config):
    docs = Path(config.docs_dir)
    config.nav = [expand(item, docs) for item in config.nav]
    known = set(pages_of(config.nav))
    every = {p.relative_to(docs).as_posix() for p in docs.rglob("*.md")}
    config.nav = [put(item, sorted(every - known)) for item in config.nav]
    return config


def expand(item, docs):
    """Puts the pages of a folder in its place, its README first."""
    if isinstance(item, dict):
        return {title: expand(child, docs) for title, child in item.items()}
    if isinstance(item, list):
        found = [expand(child, docs) for child in item]
        # A folder that stands alone in a list is that list.
        return found[0] if len(found) == 1 and isinstance(found[0], list) else found
    if not item.endswith("/"):
        return item
    pages = sorted(p.relative_to(docs).as_posix() for p in (docs / item).glob("*.md"))
    return sorted(pages, key=lambda p: not p.endswith("/README.md"))


def pages_of(item):
    """All pages of a part of the navigation."""
    if isinstance(item, dict):
        item = list(item.values())
    return [page for child in item for page in pages_of(child)] if isinstance(item, list) else [item]


def put(item, rest):
    """Puts the pages that nobody placed where the star is."""
    if isinstance(item, dict):
        return {title: put(child, rest) for title, child in item.items()}
    if isinstance(item, list):
        return [put(child, rest) for child in item if child != "*"] + (rest if "*" in item else [])
    return item


def on_files(files, config):
    for name in ELSEWHERE:
        files.append(File.generated(config, name, abs_src_path=str(ROOT / name)))
    return files


def on_page_markdown(markdown, page, config, files):
    here = place(page.file)
    return outside_fences(markdown, lambda text: LINK.sub(lambda m: m[1] + turn(m[2], here, page.file, config, files) + m[3], text))


def outside_fences(markdown, change):
    """Applies a change to all of a page but its blocks of code."""
    out, at = [], 0
    for block in FENCE.finditer(markdown):
        out += [change(markdown[at:block.start()]), block[0]]
        at = block.end()
    return "".join(out) + change(markdown[at:])


def place(file):
    """Where a page is in the repository."""
    return file.src_uri if file.src_uri in ELSEWHERE else "docs/" + file.src_uri


def turn(link, here, file, config, files):
    """Leaves links between pages to mkdocs, and leads all others to the forge."""
    if re.match(r"[a-z]+:|#|/", link):
        return link
    path, mark, anchor = link.partition("#")
    target = posixpath.normpath(posixpath.join(posixpath.dirname(here), path))
    if (ROOT / target).is_dir() and (ROOT / target / "README.md").is_file() and target.startswith("docs/"):
        target += "/README.md"
    uri = target if target in ELSEWHERE else target.removeprefix("docs/") if target.startswith("docs/") else None
    page = files.get_file_from_path(uri) if uri else None
    if page is not None:
        return posixpath.relpath(uri, posixpath.dirname(file.src_uri) or ".") + mark + anchor
    if not (ROOT / target).exists():
        log.warning("%s links to %s, which is not in the repository", here, link)
    kind = "tree" if (ROOT / target).is_dir() else "blob"
    return f"{config.repo_url}/{kind}/main/{target}{mark}{anchor}"


def on_nav(nav, config, files):
    """Checks the links of the pages that are read on the forge alone."""
    for name in CHECKED:
        text = outside_fences((ROOT / name).read_text(), lambda text: text)
        for link in LINK.finditer(FENCE.sub("", text)):
            target = posixpath.normpath(posixpath.join(posixpath.dirname(name), link[2].partition("#")[0]))
            if not re.match(r"[a-z]+:|#", link[2]) and not (ROOT / target).exists():
                log.warning("%s links to %s, which is not in the repository", name, link[2])
    return nav
