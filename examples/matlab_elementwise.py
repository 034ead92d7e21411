"""Question d: elementwise or dot product? Outputs and losses in a grid, MATLAB in NumPy."""

import numpy as np

import retrograd as rg


# [outputs]
def sigmoid(z):
    return 1 / (1 + np.exp(-z))


def softmax(z):
    e = np.exp(z - z.max())
    return e / e.sum()


JACOBIANS = {
    "sigmoid": lambda a: np.diag(a * (1 - a)),
    "tanh": lambda a: np.diag(1 - a**2),
    "softmax": lambda a: np.diag(a) - np.outer(a, a),
}
OUTPUTS = {"sigmoid": sigmoid, "tanh": np.tanh, "softmax": softmax}
# [end]


# [losses]
def mse(a, y):
    return np.sum((a - y) ** 2) / 2


def cross_entropy(a, y, output):
    if output == "softmax":
        return -np.sum(y * np.log(a))  # one class of C
    if output == "tanh":  # from -1..1 to a share of 0..1
        a, y = (1 + a) / 2, (1 + y) / 2
    return -np.sum(y * np.log(a) + (1 - y) * np.log(1 - a))  # C yes-or-no questions


# [end]


def example(output):
    z = np.array([0.5, -1.0, 2.0])
    y = np.array([1.0, 0.0, 0.0])
    return z, (2 * y - 1 if output == "tanh" else y)


def cost(output, loss):
    f = OUTPUTS[output]
    if loss == "MSE":
        return lambda z, y: mse(f(z), y)
    return lambda z, y: cross_entropy(f(z), y, output)


SHORT = {
    ("sigmoid", "MSE"): ("(a - y) * a * (1 - a)", lambda a, y: (a - y) * a * (1 - a)),
    ("sigmoid", "cross-entropy"): ("a - y", lambda a, y: a - y),
    ("tanh", "MSE"): ("(a - y) * (1 - a**2)", lambda a, y: (a - y) * (1 - a**2)),
    ("tanh", "cross-entropy"): ("a - y", lambda a, y: a - y),
    ("softmax", "MSE"): (
        "a * ((a - y) - a @ (a - y))",
        lambda a, y: a * ((a - y) - a @ (a - y)),
    ),
    ("softmax", "cross-entropy"): ("a - y", lambda a, y: a - y),
}


def grid():
    print("== grid")
    print(f"{'output':9}{'loss':15}{'dz':30}right   J.T @ g   diagonal only")
    for (output, loss), (text, formula) in SHORT.items():
        z, y = example(output)
        a = OUTPUTS[output](z)
        true = rg.grad(cost(output, loss))(z, y)
        # [the same line]
        g = rg.grad(lambda a, y=y, o=output, s=loss: of_output(a, y, o, s))(a)  # dC/da
        J = JACOBIANS[output](a)
        dz = J.T @ g  # diagonal or full: the same line
        elementwise = np.diag(J) * g  # MATLAB's .*
        # [end]
        marks = [np.allclose(v, true) for v in (formula(a, y), dz, elementwise)]
        words = ["yes" if m else "NO" for m in marks]
        print(f"{output:9}{loss:15}{text:30}{words[0]:8}{words[1]:10}{words[2]}")


def of_output(a, y, output, loss):
    return mse(a, y) if loss == "MSE" else cross_entropy(a, y, output)


def what_is_lost():
    print("== what is lost")
    z, y = example("softmax")
    a = softmax(z)
    g = -y / a  # dC/da of the cross-entropy
    J = JACOBIANS["softmax"](a)
    print("J.T @ g          ", (J.T @ g).round(3), "= a - y")
    print("diag(J) .* g     ", (np.diag(J) * g).round(3))
    print("The other classes get nothing: only the right one is pulled up, none is pushed down.")


def operators():
    print("== operators")
    A, B = np.array([[1.0, 2], [3, 4]]), np.array([[5.0, 6], [7, 8]])
    rows = [
        ("A .* B", "A * B", A * B),
        ("A * B", "A @ B", A @ B),
        ("A'", "A.T", A.T),
        ("A .^ 2", "A**2", A**2),
        ("sum(A, 1)", "A.sum(axis=0)", A.sum(axis=0)),
        ("sum(A, 2)", "A.sum(axis=1, keepdims=True)", A.sum(axis=1, keepdims=True)),
    ]
    print(f"{'MATLAB':12}{'NumPy':31}for A = [1 2; 3 4], B = [5 6; 7 8]")
    for matlab, numpy, result in rows:
        print(f"{matlab:12}{numpy:31}{str(result.tolist()).replace('.0', '')}")


if __name__ == "__main__":
    grid()
    what_is_lost()
    operators()
