#!/usr/bin/env python3
"""Fits a model of implicit, LightFM or numpy on a split and prints its figures as one line of JSON.

usage: run_peer.py PEER SPLIT_FOLDER CUTOFF PARAMETERS_AS_JSON

Fitted on train. Times are CPU seconds of this process, which has one thread. See split.py.
"""
import json
import sys
import time

import numpy as np

from split import Split, report

peer, split, parameters = sys.argv[1], Split(sys.argv[2], int(sys.argv[3])), json.loads(sys.argv[4])
train, known = split.train, split.known


def implicit_model(model, scorers):
    def fit():
        model.fit(train, show_progress=False)
        return scorers(model)

    def recommend():
        model.recommend(split.asked, known[split.asked], N=split.cutoff, filter_already_liked_items=True)

    return fit, recommend


def factors(model):
    return {"train": lambda users: model.user_factors[users] @ model.item_factors.T}


def neighbours(model):
    return {
        "train": lambda users: (train[users] @ model.similarity).toarray(),
        "train+valid": lambda users: (known[users] @ model.similarity).toarray(),
    }


def als():
    from implicit.cpu.als import AlternatingLeastSquares

    return implicit_model(AlternatingLeastSquares(**parameters, num_threads=1, random_state=42), factors)


def bpr():
    from implicit.cpu.bpr import BayesianPersonalizedRanking

    return implicit_model(BayesianPersonalizedRanking(**parameters, num_threads=1, random_state=42), factors)


def bm25():
    from implicit.nearest_neighbours import BM25Recommender

    return implicit_model(BM25Recommender(**parameters, num_threads=1), neighbours)


def cosine():
    from implicit.nearest_neighbours import CosineRecommender

    return implicit_model(CosineRecommender(**parameters, num_threads=1), neighbours)


def warp():
    from lightfm import LightFM

    options = dict(parameters)
    epochs = options.pop("iterations")
    model = LightFM(loss="warp", random_state=42, **options)

    def fit():
        model.fit(train, epochs=epochs, num_threads=1)
        user_bias, user = model.get_user_representations()
        item_bias, item = model.get_item_representations()
        return {"train": lambda users: user[users] @ item.T + item_bias}

    return fit, None


def ease():
    def fit():
        kind = np.float64 if split.items < 5000 else np.float32
        gram = (train.T @ train).toarray().astype(kind)
        gram[np.diag_indices_from(gram)] += parameters["lambda"]
        weights = np.linalg.inv(gram)
        del gram
        weights /= -np.diag(weights)
        np.fill_diagonal(weights, 0)
        weights = weights.astype(np.float32)
        return {"train": lambda users: train[users] @ weights, "train+valid": lambda users: known[users] @ weights}

    return fit, None


def popularity():
    def fit():
        counts = np.asarray(train.sum(0)).ravel()
        return {"train": lambda users: np.repeat(counts[None], len(users), 0)}

    return fit, None


def seconds(work):
    began = time.process_time()
    return work(), time.process_time() - began


KINDS = {"als": als, "bpr": bpr, "bm25": bm25, "cosine": cosine, "warp": warp, "ease": ease, "popularity": popularity}
# What is imported on the way is not the model's cost.
fit, recommend = KINDS[peer]()
scorers, spent = seconds(fit)
own = {"topkCpuSeconds": seconds(recommend)[1]} if recommend else {}
figures = {}
for history, scores_of in scorers.items():
    if history == "train" or split.valid.nnz:
        figures[history] = {**split.judge(scores_of), **own}
report(figures, parameters.get("iterations", 1), spent)
