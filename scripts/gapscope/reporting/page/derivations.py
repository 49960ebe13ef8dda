"""The derivations that the page typesets: each formula beside the words that lead to it.

Numbers are those of the comments in network/mlp.py (1 to 8) and, in evaluation/, of attribution.py (9 to 12)
and permutation.py (13), so that a reader finds each formula in the code. dz stands for the derivative of the
loss by z, as in the code. Words may hold formulas between dollar signs.
"""

from dataclasses import dataclass


@dataclass(frozen=True)
class Step:
    """One step of a derivation: the words, the formula that they lead to, and its number where the code names it."""

    words: str
    latex: str
    number: int | None = None

    @property
    def formulas(self) -> list[str]:
        """The parts that may stand beside or below each other, as the page's width allows."""
        return self.latex.split(r" \qquad ")


FORWARD = (
    Step(
        "Each layer weighs the values of the layer before it and adds a bias. Rows are examples, so that one product "
        "serves all of them, and $b_l$ is added to every row.",
        r"z_l = a_{l-1} W_l + b_l, \qquad a_0 = X",
        1,
    ),
    Step(
        "A hidden layer bends the result with its activation $g$, entry by entry. Without it, the layers would "
        "collapse into one linear map.",
        r"a_l = g(z_l), \qquad l = 1, \dots, L - 1",
        2,
    ),
    Step(
        "The last layer has one column per class. The softmax makes each of its rows positive with sum 1: the class "
        "probabilities.",
        r"p_{ik} = \frac{e^{z_{L,ik}}}{\sum_{j} e^{z_{L,ij}}}",
        3,
    ),
    Step(
        "The loss is the mean cross-entropy: how much the true classes surprise the network, in nats.",
        r"\mathcal{L} = -\frac{1}{n} \sum_{i=1}^{n} \log p_{i y_i}",
        4,
    ),
)

BACKWARD = (
    Step(
        "Start at the end. By (3), the loss of row $i$ is a difference of two simple terms.",
        r"-\log p_{i y_i} = \log \sum_{j} e^{z_{L,ij}} - z_{L,i y_i}",
    ),
    Step(
        "Its derivative by $z_{L,ik}$ is $p_{ik}$ from the first term, less 1 from the second where $k$ is the true "
        "class. With the mean over the rows this is, for the whole matrix:",
        r"\text{d}z_L = \frac{1}{n} \left( p - \text{onehot}(y) \right)",
        5,
    ),
    Step(
        "By (1), $z_{l,ik}$ holds the weight $W_{l,jk}$ once, multiplied by $a_{l-1,ij}$; the chain rule sums over "
        "the rows.",
        r"\text{d}W_{l,jk} = \sum_{i=1}^{n} a_{l-1,ij} \, \text{d}z_{l,ik}",
    ),
    Step("That sum is a product of matrices.", r"\text{d}W_l = a_{l-1}^{\top} \, \text{d}z_l", 6),
    Step("The bias enters every row with the factor 1.", r"\text{d}b_l = \sum_{i=1}^{n} \text{d}z_{l,i}", 7),
    Step(
        "The values $a_l$ reach the loss through the next layer only, $z_{l+1} = a_l W_{l+1} + b_{l+1}$, hence "
        r"$\text{d}a_l = \text{d}z_{l+1} W_{l+1}^{\top}$. The activation, applied entry by entry, multiplies each "
        "entry by its slope.",
        r"\text{d}z_l = \left( \text{d}z_{l+1} W_{l+1}^{\top} \right) \odot g'(z_l)",
        8,
    ),
)

FLOW = Step(
    "Applying (8) once per layer shows what becomes of a gradient on its way to the first layer: each step multiplies "
    "it by the weights and by the slopes of the activation. Slopes well below 1 shrink it layer by layer.",
    r"\text{d}z_1 = \left( \cdots \left( \text{d}z_L W_L^{\top} \right) \odot g'(z_{L-1}) \cdots W_2^{\top} \right) "
    r"\odot g'(z_1)",
)

DEPTH = Step(
    r"How fast, theory says for start weights of variance $\text{Var}(W)$ in layers of $n$ units: on average over the "
    r"weights, each step of (8) multiplies the mean square of $\text{d}z$ by the number of units, the variance and the "
    "mean squared slope. The steepest slope, 1/4 for sigmoid and 1 for tanh and ReLU, gives a bound.",
    r"\frac{\text{E}[\text{d}z_l^2]}{\text{E}[\text{d}z_{l+1}^2]} = n \, \text{Var}(W) \, \text{E}[g'(z_l)^2] "
    r"\le n \, \text{Var}(W) \, \max_z g'(z)^2",
)

CHECK = Step(
    r"A gradient can be held against the loss itself, which knows nothing of the derivation. Move all parameters "
    r"$\theta$ by $\pm \epsilon$ along a random direction $v$ of length 1: the loss changes at the rate that "
    "the gradient says.",
    r"\frac{\mathcal{L}(\theta + \epsilon v) - \mathcal{L}(\theta - \epsilon v)}{2 \epsilon} "
    r"\approx v^{\top} \, \text{d}\theta",
)

UPDATES = {
    "gradient_descent": Step(
        r"Gradient descent moves every parameter $\theta$ against its derivative, with the learning rate $\eta$.",
        r"\theta \leftarrow \theta - \eta \, \text{d}\theta",
    ),
    "momentum": Step(
        r"Momentum keeps a velocity $v$ that remembers earlier derivatives with the factor $\mu$; $\eta$ is the "
        "learning rate (Polyak 1964).",
        r"v \leftarrow \mu v - \eta \, \text{d}\theta, \qquad \theta \leftarrow \theta + v",
    ),
    "adam": Step(
        "Adam divides a running mean $m$ of the derivatives by the root of a running mean $s$ of their squares, both "
        r"freed from their start at zero; $\eta$ is the learning rate (Kingma and Ba 2015).",
        r"\theta \leftarrow \theta - \eta \, \frac{\hat{m}}{\sqrt{\hat{s}} + \epsilon}",
    ),
}

SALIENCY = {
    "winning_probability": Step(
        "Winning class: how strongly does the probability $p_{ic}$ of the class $c$ that wins in row $i$ answer to the "
        "inputs? The quotient rule on (3) gives its derivative by the logits. Rows that are classified wrong are left "
        "out.",
        r"\frac{\partial p_{ic}}{\partial z_{L,ik}} = p_{ic} \left( [k = c] - p_{ik} \right)",
        9,
    ),
    "loss": Step(
        r"Loss: how strongly does the loss $\ell_i$ of row $i$ alone answer to the inputs? As in (5), but without the "
        "mean, and over all rows.",
        r"\frac{\partial \ell_i}{\partial z_{L,ik}} = p_{ik} - [k = y_i]",
        10,
    ),
}

SALIENCY_END = Step(
    "From the logits, (8) leads back to the first layer, and (1) from there to the inputs; call the result $D_0$. The "
    "importance of column $j$ is the mean magnitude over the rows $R$ that count.",
    r"D_0 = D_1 W_1^{\top}, \qquad s_j = \frac{1}{|R|} \sum_{i \in R} \left| D_{0,ij} \right|",
)

ATTRIBUTION = {
    "gradient": Step(
        "Gradient: take a row's slopes $g$ of the winning probability (9) by all columns of a feature $f$, and their "
        "covariance $C_f$ in the training part. To first order, the probability has this standard deviation when "
        "the feature alone takes the values that it has in training. For a plain number it is "
        r"$| \partial p / \partial x | \, \text{sd}(x)$. For one-hot columns it takes off what all slopes share, "
        "which can move nothing, since such columns sum to 1. The importance is the mean over the rows.",
        r"s_{if} = \sqrt{g_{if}^{\top} C_f \, g_{if}}",
        11,
    ),
    "integrated_gradients": Step(
        "Integrated gradients: walk in a straight line from a baseline $x'$, the mean training row, to the row $x$, "
        "add up the slopes on the way, and sum over the feature's columns. Over all features this makes up exactly "
        "$p(x) - p(x')$. Each attribution has a sign; the importance is the mean of its magnitude.",
        r"A_{if} = \sum_{j \in f} (x_{ij} - x'_j) \int_0^1 \frac{\partial p}{\partial x_j} "
        r"\left( x' + t (x_i - x') \right) \text{d}t",
        12,
    ),
    "permutation": Step(
        "Permutation importance takes no derivative, and so can judge the measures that do: shuffle the feature among "
        "the rows, all its columns together, and see how much accuracy is lost. It has a sign: below 0, the network "
        "does better without what it knows of the feature.",
        r"I_f = \text{accuracy} - \text{mean accuracy with } f \text{ shuffled}",
        13,
    ),
}

ALGORITHM_START = (
    r"Given: a trained network, the scaled training part $X$ with its classes $y$, and a method.",
    r"Set $a_0 \leftarrow X$. For $l = 1, \dots, L$ set $z_l \leftarrow a_{l-1} W_l + b_l$ (1) and, for $l < L$, "
    r"$a_l \leftarrow g(z_l)$ (2).",
    r"Set $p \leftarrow \text{softmax}(z_L)$ (3).",
)
ALGORITHM_METHOD = {
    "winning_probability": r"Method winning class: set $c_i \leftarrow \text{argmax}_k \, p_{ik}$, then "
    r"$D_{L,ik} \leftarrow p_{i c_i} ([k = c_i] - p_{ik})$ (9) and $R \leftarrow \{ i \mid c_i = y_i \}$.",
    "loss": r"Method loss: set $D_{L,ik} \leftarrow p_{ik} - [k = y_i]$ (10) and $R \leftarrow \{ 1, \dots, n \}$.",
}
ALGORITHM_END = (
    r"For $l = L - 1, \dots, 1$ set $D_l \leftarrow ( D_{l+1} W_{l+1}^{\top} ) \odot g'(z_l)$ (8).",
    r"Set $D_0 \leftarrow D_1 W_1^{\top}$.",
    r"For each column $j$ set $s_j \leftarrow \frac{1}{|R|} \sum_{i \in R} | D_{0,ij} |$.",
    r"Return the columns in falling order of $s_j$.",
)

SHARED_BIAS = (
    Step(
        "The network has one hidden layer with as many units as there are classes, so that one vector $b$ fits both "
        "layers.",
        r"z_1 = X W + b, \qquad h = g(z_1), \qquad z_2 = h U + b, \qquad p = \text{softmax}(z_2)",
    ),
    Step(
        "Give the two places of $b$ names of their own: the loss is $F(b_1, b_2)$ at $b_1 = b_2 = b$. When $b$ moves, "
        "both places move, and the chain rule adds what each contributes.",
        r"\text{d}b = \frac{\partial F}{\partial b_1} + \frac{\partial F}{\partial b_2}",
    ),
    Step(
        "The second place is an ordinary output bias: (5) and (7) give the path straight from the softmax.",
        r"\text{d}z_2 = \frac{1}{n} \left( p - \text{onehot}(y) \right), \qquad "
        r"\frac{\partial F}{\partial b_2} = \sum_{i=1}^{n} \text{d}z_{2,i}",
    ),
    Step(
        "The first place is an ordinary hidden bias: (8) and (7) give the path through the hidden layer.",
        r"\text{d}z_1 = \left( \text{d}z_2 U^{\top} \right) \odot g'(z_1), \qquad "
        r"\frac{\partial F}{\partial b_1} = \sum_{i=1}^{n} \text{d}z_{1,i}",
    ),
    Step(
        "The derivative by the shared bias is the sum of both paths.",
        r"\text{d}b = \sum_{i=1}^{n} \text{d}z_{1,i} + \sum_{i=1}^{n} \text{d}z_{2,i}",
    ),
    Step(
        "The weights have one place each, and (6) holds for them unchanged.",
        r"\text{d}U = h^{\top} \, \text{d}z_2, \qquad \text{d}W = X^{\top} \, \text{d}z_1",
    ),
)
