"""A multi-class hinge loss in two loops, with a penalty, as in a course."""

import numpy as np


def svm_loss_naive(W, X, y, reg):
    dW = np.zeros(W.shape)
    num_classes = W.shape[1]
    num_train = X.shape[0]
    loss = 0.0
    for i in range(num_train):
        scores = X[i].dot(W)
        correct_class_score = scores[y[i]]
        for j in range(num_classes):
            if j == y[i]:
                continue
            margin = scores[j] - correct_class_score + 1
            if margin > 0:
                loss += margin
                dW[:, j] += X[i]
                dW[:, y[i]] -= X[i]
    loss /= num_train
    dW /= num_train
    loss += reg * np.sum(W * W)
    dW += 2 * reg * W
    return loss, dW


def make_inputs(seed):
    rng = np.random.default_rng(seed)
    return {
        "W": rng.normal(size=(5, 4)),
        "X": rng.normal(size=(7, 5)),
        "y": rng.integers(0, 4, 7),
        "reg": 0.1,
    }


def loss(inputs):
    return svm_loss_naive(**inputs)[0]


def grads(inputs):
    return {"dW": svm_loss_naive(**inputs)[1]}
