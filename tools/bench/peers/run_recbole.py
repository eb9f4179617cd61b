#!/usr/bin/env python3
"""Trains a model of RecBole on a split with its own trainer and prints its figures as one line of JSON.

usage: run_recbole.py BPR|LightGCN|SASRec SPLIT_FOLDER CUTOFF PARAMETERS_AS_JSON

Trained on train for `iterations` epochs, the other parameters are RecBole's settings. SASRec needs leave-one-out and is
asked with the valid items as history. Times are CPU seconds of this process, which has one thread. See split.py.
"""
import json
import logging
import os
import sys
import time
import warnings

warnings.filterwarnings("ignore")

import numpy as np
import torch
from recbole.config import Config
from recbole.data import create_dataset, data_preparation
from recbole.data.interaction import Interaction
from recbole.utils import get_model, get_trainer, init_seed
from recbole.utils.logger import init_logger

from split import Split, report

name, split, parameters = sys.argv[1], Split(sys.argv[2], int(sys.argv[3])), json.loads(sys.argv[4])
epochs = parameters.pop("iterations")
sequential = name == "SASRec"
torch.set_num_threads(1)
os.chdir(split.folder)  # RecBole writes logs where it runs.

# RecBole's files: sequential models take one with a time and leave one out, others our three parts.
if sequential:
    files = {"": np.concatenate(list(split.rows.values()))}
else:
    files = {"." + part: rows for part, rows in split.rows.items()}
    if not split.valid.nnz:
        files[".valid"] = files[".test"][:1]  # RecBole wants three files; this one is not used.
os.makedirs("recbole", exist_ok=True)
for part, rows in files.items():
    with open(os.path.join("recbole", f"recbole{part}.inter"), "w") as file:
        file.write("user_id:token\titem_id:token\ttimestamp:float\n")
        file.writelines(f"{user}\t{item}\t{moment}\n" for moment, (user, item) in enumerate(rows))

settings = {
    "data_path": split.folder,
    "use_gpu": False,
    "gpu_id": "",
    "show_progress": False,
    "seed": 2020,
    "reproducibility": True,
    "USER_ID_FIELD": "user_id",
    "ITEM_ID_FIELD": "item_id",
    "TIME_FIELD": "timestamp",
    "load_col": {"inter": ["user_id", "item_id", "timestamp"]},
    "checkpoint_dir": os.path.join(split.folder, "saved"),
    "embedding_size": 64,
    **parameters,
}
if sequential:
    settings["train_neg_sample_args"] = None
    leave_one_out = {"split": {"LS": "valid_and_test"}, "group_by": "user", "order": "TO", "mode": "full"}
    settings["eval_args"] = leave_one_out
else:
    settings["benchmark_filename"] = ["train", "valid", "test"]
sys.argv = sys.argv[:1]  # RecBole reads it.
config = Config(model=name, dataset="recbole", config_dict=settings)
init_seed(config["seed"], True)
init_logger(config)
logging.getLogger().setLevel(logging.WARNING)
dataset = create_dataset(config)
train_data, _, _ = data_preparation(config, dataset)
model = get_model(name)(config, train_data.dataset).to("cpu")
trainer = get_trainer(config["MODEL_TYPE"], name)(config, model)

# RecBole's numbers for our rows; what it never saw has the padding's, which is not recommended.
tokens = dataset.field2token_id
user_numbers = np.array([tokens["user_id"].get(str(user), 0) for user in range(split.users)])
item_numbers = np.array([tokens["item_id"].get(str(item), 0) for item in range(split.items)])
histories = [[] for _ in range(split.users)]
for part in ("train", "valid"):
    for user, item in split.rows[part]:
        histories[user].append(item_numbers[item])


def scores_of(users):
    asked = {"user_id": torch.as_tensor(user_numbers[users])}
    if sequential:
        longest = config["MAX_ITEM_LIST_LENGTH"]
        lists = np.zeros((len(users), longest), np.int64)
        for row, user in enumerate(users):
            newest = histories[user][-longest:]
            lists[row, : len(newest)] = newest
        asked["item_id_list"] = torch.as_tensor(lists)
        asked["item_length"] = torch.as_tensor((lists > 0).sum(1))
    with torch.no_grad():
        scores = model.full_sort_predict(Interaction(asked)).view(len(users), -1).numpy()[:, item_numbers]
    scores[:, item_numbers == 0] = -np.inf
    return scores


began = time.process_time()
for epoch in range(1, epochs + 1):
    model.train()
    trainer._train_epoch(train_data, epoch, show_progress=False)
spent = time.process_time() - began
model.eval()
for cached in ("restore_user_e", "restore_item_e"):  # of LightGCN, from before training ended
    if hasattr(model, cached):
        setattr(model, cached, None)
report({"train": split.judge(scores_of)}, epochs, spent)
