#!/usr/bin/env python3
"""Trains a model of features of RecBole to tell positive ratings from others; prints its figures as one line of JSON.

usage: run_recbole_ratings.py LR|FM|DeepFM FOLDER PARAMETERS_AS_JSON

The folder holds train.tsv, valid.tsv and test.tsv (user<TAB>item<TAB>label<TAB>hour<TAB>weekday, row numbers) and
items.tsv (item<TAB>categories, numbers with spaces between). Fields are users, items, categories, hours and days.
Trained until AUC on valid has not risen for `patience` epochs, at most `epochs`; judged as it was at its best. Times are
CPU seconds of this process, which has one thread.
"""
import copy
import json
import logging
import os
import resource
import sys
import time
import warnings

warnings.filterwarnings("ignore")

import torch
from recbole.config import Config
from recbole.data import create_dataset, data_preparation
from recbole.utils import get_model, get_trainer, init_seed
from recbole.utils.logger import init_logger
from sklearn.metrics import log_loss, roc_auc_score

name, folder, parameters = sys.argv[1], sys.argv[2], json.loads(sys.argv[3])
epochs, patience = parameters.pop("epochs"), parameters.pop("patience")
torch.set_num_threads(1)
os.chdir(folder)  # RecBole writes logs where it runs.

os.makedirs("recbole", exist_ok=True)
heads = {part: "user_id:token\titem_id:token\tlabel:float\thour:token\tweekday:token" for part in ("train", "valid", "test")}
for part, head in {**heads, "items": "item_id:token\tclass:token_seq"}.items():
    ending = "item" if part == "items" else part + ".inter"
    with open(part + ".tsv") as rows, open(os.path.join("recbole", "recbole." + ending), "w") as file:
        file.write(head + "\n" + rows.read())

settings = {
    "data_path": folder,
    "use_gpu": False,
    "gpu_id": "",
    "show_progress": False,
    "seed": 2020,
    "reproducibility": True,
    "USER_ID_FIELD": "user_id",
    "ITEM_ID_FIELD": "item_id",
    "LABEL_FIELD": "label",
    "load_col": {"inter": ["user_id", "item_id", "label", "hour", "weekday"], "item": ["item_id", "class"]},
    "benchmark_filename": ["train", "valid", "test"],
    "train_neg_sample_args": None,
    "eval_args": {"group_by": None, "order": "RO", "mode": "labeled"},
    "metrics": ["AUC", "LogLoss"],
    "valid_metric": "AUC",
    "checkpoint_dir": os.path.join(folder, "saved"),
    **parameters,
}
sys.argv = sys.argv[:1]  # RecBole reads it.
config = Config(model=name, dataset="recbole", config_dict=settings)
init_seed(config["seed"], True)
init_logger(config)
logging.getLogger().setLevel(logging.WARNING)
dataset = create_dataset(config)
train_data, valid_data, test_data = data_preparation(config, dataset)
model = get_model(name)(config, train_data.dataset).to("cpu")
trainer = get_trainer(config["MODEL_TYPE"], name)(config, model)


def judged(data):
    asked = data.dataset.join(data.dataset.inter_feat)
    model.eval()
    with torch.no_grad():
        chances = model.predict(asked).double().clamp(1e-7, 1 - 1e-7).numpy()
    labels = asked["label"].numpy()
    return {"auc": roc_auc_score(labels, chances), "logLoss": log_loss(labels, chances)}


spent, epoch, best = 0.0, 0, None
while epoch < epochs and (best is None or epoch - best[1] < patience):
    epoch += 1
    model.train()
    began = time.process_time()
    trainer._train_epoch(train_data, epoch, show_progress=False)
    spent += time.process_time() - began
    auc = judged(valid_data)["auc"]
    if best is None or auc > best[0]:
        best = (auc, epoch, copy.deepcopy(model.state_dict()))
model.load_state_dict(best[2])
peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
costs = {"epoch": best[1], "cpuSeconds": spent, "cpuSecondsPerEpoch": spent / epoch, "rssMb": peak}
print(json.dumps({**judged(test_data), "validAuc": best[0], **costs}))
