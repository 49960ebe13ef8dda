"""The colours of figures and page, one for each thing, without Matplotlib, which takes half a second to import."""

# Okabe and Ito's palette (2008), distinguishable with any colour vision.
BLUE, ORANGE, GREEN, VERMILION = "#0072B2", "#E69F00", "#009E73", "#D55E00"
PURPLE, SKY, YELLOW, GREY = "#CC79A7", "#56B4E9", "#F0E442", "#6B6B6B"
INK, PAPER, GRID, MARK = "#1F2328", "#FFFFFF", "#E4E4E4", "#A34700"
LIGHT, DEEP = "#FEFEFE", "#010101"  # text and lines on a coloured ground, which stays the same in dark mode
WINE, OLIVE, BROWN, VIOLET, PALE = "#882255", "#7A7A1E", "#8C510A", "#5E3C99", "#CFE3F1"
TEAL, ROSE = "#0B6E6E", "#C2185B"
PARTITION = {"train": BLUE, "validation": GREEN, "test": VERMILION}
ACTIVATION = {"relu": PURPLE, "sigmoid": ORANGE, "tanh": SKY, "leaky_relu": BROWN, "gelu": VIOLET}
SEQUENCE = [BLUE, SKY, GREEN, ORANGE, VERMILION, PURPLE, YELLOW, GREY]
DASHES = ["-", "--", ":", "-.", (0, (5, 1, 1, 1, 1, 1)), (0, (1, 4))]
DARK = {  # replacements in dark mode
    **{INK: "#E4E7EB", PAPER: "#16191D", GRID: "#343B43", GREY: "#A9B2BC", MARK: "#F0A868"},
    **{BLUE: "#3B9FDC", GREEN: "#1FB58A", VERMILION: "#F08A3C", WINE: "#D479A6", OLIVE: "#BDBD5A"},
    **{BROWN: "#CC9255", VIOLET: "#A992DC", PALE: "#24455C", TEAL: "#4FC3C3", ROSE: "#F2699C"},
}
