"""Question c: how do the shapes fit, when softmax has a matrix of slopes? With loops, literally."""

import numpy as np

import retrograd as rg


# [activations]
def softmax(z):
    e = np.exp(z - z.max())
    return e / e.sum()


def jacobian_of_softmax(s):
    """J[i, j] = ds_i/dz_j = s_i δ_ij − s_i s_j: every output depends on every input."""
    J = np.zeros((len(s), len(s)))
    for i in range(len(s)):
        for j in range(len(s)):
            J[i, j] = s[i] * (i == j) - s[i] * s[j]
    return J


def jacobian_of_tanh(a):
    """J[i, j] = (1 − a_i²) δ_ij: each output depends on its own input, so J is diagonal."""
    return np.diag(1 - a**2)


# [end]


# [index form]
def by_loops(x, W, b, dC_da, activation, jacobian):
    """dC/dW_ij = Σ_k Σ_s dC/da_k · J_ks · dz_s/dW_ij, every index in its own loop."""
    z = W @ x + b
    J = jacobian(activation(z))
    dW = np.zeros(W.shape)
    for i in range(W.shape[0]):
        for j in range(W.shape[1]):
            for k in range(len(z)):
                for s in range(len(z)):
                    dz_dW = x[j] if s == i else 0.0  # z_s = Σ_j W_sj x_j + b_s
                    dW[i, j] += dC_da[k] * J[k, s] * dz_dW
    return dW


# [end]


# [matrix form]
def by_matrices(x, W, b, dC_da, activation, jacobian):
    z = W @ x + b  # (m,)
    J = jacobian(activation(z))  # (m, m)
    dz = J.T @ dC_da  # (m,)     Σ_k J_ks dC/da_k
    return np.outer(dz, x)  # (m, n)   dz_i x_j: only s = i is left of the sum over s


# [end]

PAIRS = {
    "softmax": (softmax, jacobian_of_softmax),
    "tanh": (np.tanh, jacobian_of_tanh),
}


def numbers():
    rng = np.random.default_rng(0)
    return rng.normal(size=4), rng.normal(size=(3, 4)), rng.normal(size=3), rng.normal(size=3)


def shapes():
    print("== shapes")
    x, W, b, dC_da = numbers()
    z = W @ x + b
    for name, (activation, jacobian) in PAIRS.items():
        a = activation(z)
        J = jacobian(a)
        dz = J.T @ dC_da
        dW = np.outer(dz, x)
        print(f"{name}: x {x.shape}  W {W.shape}  z {z.shape}  a {a.shape}")
        print(f"    dC/da {dC_da.shape}  J {J.shape}  dz = J.T @ dC/da {dz.shape}")
        print(f"    dW = outer(dz, x) {dW.shape}  db = dz {dz.shape}")


def both_forms():
    print("== both forms")
    x, W, b, dC_da = numbers()
    for name, pair in PAIRS.items():
        loops = by_loops(x, W, b, dC_da, *pair)
        matrices = by_matrices(x, W, b, dC_da, *pair)
        written = rg.grad(lambda W, f=pair[0]: np.sum(dC_da * f(W @ x + b)))(W)
        print(f"{name:8} loops = matrices: {np.allclose(loops, matrices)}", end="   ")
        print(f"= retrograd: {np.allclose(matrices, written)}")


def the_matrices():
    print("== the matrices")
    x, W, b, _ = numbers()
    z = W @ x + b
    for name, (activation, jacobian) in PAIRS.items():
        J = jacobian(activation(z))
        print(f"J of {name}\n", J.round(3))
        print("equal to rg.jacobian:", np.allclose(J, rg.jacobian(activation)(z)))


def elementwise():
    print("== elementwise")
    x, W, b, dC_da = numbers()
    z = W @ x + b
    a, s = np.tanh(z), softmax(z)
    print("tanh     J.T @ g         ", (jacobian_of_tanh(a).T @ dC_da).round(3))
    print("         (1 - a**2) * g  ", ((1 - a**2) * dC_da).round(3))
    print("softmax  J.T @ g         ", (jacobian_of_softmax(s).T @ dC_da).round(3))
    print("         s * (1 - s) * g ", (s * (1 - s) * dC_da).round(3), " <- not it")
    print("         s * (g - s @ g) ", (s * (dC_da - s @ dC_da)).round(3))


def a_batch():
    print("== a batch")
    rng = np.random.default_rng(1)
    Z, G = rng.normal(size=(5, 3)), rng.normal(size=(5, 3))
    S = np.array([softmax(z) for z in Z])
    one_by_one = np.array([jacobian_of_softmax(s).T @ g for s, g in zip(S, G, strict=True)])
    at_once = S * (G - (G * S).sum(axis=1, keepdims=True))
    print("five Jacobians, one for each row = one line for all rows:", end=" ")
    print(np.allclose(one_by_one, at_once))


if __name__ == "__main__":
    shapes()
    the_matrices()
    both_forms()
    elementwise()
    a_batch()
