"""A page's elements, read with the standard library's parser."""

from html.parser import HTMLParser

VOID = {"meta", "link", "img"}


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

    def all(self, *tags):
        return [element for element in self.elements if element["tag"] in tags]

    def texts(self, *tags):
        return [element["text"] for element in self.all(*tags)]
