"""A page's elements, read with the standard library's parser."""

import re
from html.parser import HTMLParser

VOID = {"meta", "link", "img", "br"}


class Tree(HTMLParser):
    """Elements in order: tag, attributes, all text inside, tags around. Refuses what is not closed in turn."""

    def __init__(self, page):
        super().__init__()
        self.elements, self.open = [], []
        self.feed(page)
        assert not self.open

    def handle_starttag(self, tag, attrs):
        self.elements.append({"tag": tag, "text": "", "in": [element["tag"] for element in self.open], **dict(attrs)})
        if tag not in VOID:
            self.open.append(self.elements[-1])

    def handle_startendtag(self, tag, attrs):
        self.elements.append({"tag": tag, "text": "", "in": [], **dict(attrs)})

    def handle_endtag(self, tag):
        assert self.open.pop()["tag"] == tag, f"</{tag}> at {self.getpos()}"

    def handle_data(self, data):
        for element in self.open:
            element["text"] += data

    def check_links(self):
        """Fail if an id stands twice or a link within the page leads nowhere; return where links lead."""
        ids = [element["id"] for element in self.elements if "id" in element]
        links = {link["href"][1:] for link in self.all("a") if link.get("href", "").startswith("#")}
        links |= {element["aria-labelledby"] for element in self.elements if "aria-labelledby" in element}
        assert len(ids) == len(set(ids)) and links <= set(ids)
        return links

    def all(self, *tags):
        return [element for element in self.elements if element["tag"] in tags]

    def section(self, id):
        """The text of the section with this id, lines joined."""
        text = next(section["text"] for section in self.all("section") if section.get("id") == id)
        return re.sub(r"[ \n]+", " ", text)

    def texts(self, *tags):
        return [element["text"] for element in self.all(*tags)]
