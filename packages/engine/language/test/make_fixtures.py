"""Writes tiny random models, and what Hugging Face's own code computes with them.

The numbers come from `transformers` and `peft` in double precision (pip install torch transformers peft numpy), an
implementation that shares nothing with ours. Run in this folder: python make_fixtures.py
"""

import json
import pathlib

import numpy as np
import torch
from peft import LoraConfig, get_peft_model
from safetensors.torch import save_file
from transformers import (
    BertConfig,
    BertModel,
    GPT2Config,
    GPT2LMHeadModel,
    GPTNeoXConfig,
    GPTNeoXForCausalLM,
    LlamaConfig,
    LlamaForCausalLM,
)

HERE = pathlib.Path(__file__).parent / "fixtures"
VOCABULARY = 20
IDS = [[3, 7, 1, 19, 4, 4, 11], [2, 9, 15, 6, 0, 0, 0]]
LENGTHS = [7, 4]

MODELS = {
    "bert": (
        BertModel,
        BertConfig(vocab_size=VOCABULARY, hidden_size=12, num_hidden_layers=2, num_attention_heads=3, intermediate_size=20,
                   max_position_embeddings=16, hidden_act="gelu"),
        ["query", "value"],
    ),
    "gpt2": (
        GPT2LMHeadModel,
        GPT2Config(vocab_size=VOCABULARY, n_embd=12, n_layer=2, n_head=3, n_positions=16, bos_token_id=0, eos_token_id=0),
        ["c_attn"],
    ),
    "gpt-neox": (
        GPTNeoXForCausalLM,
        GPTNeoXConfig(vocab_size=VOCABULARY, hidden_size=24, num_hidden_layers=2, num_attention_heads=3, intermediate_size=20,
                      max_position_embeddings=16, rotary_pct=0.5, bos_token_id=0, eos_token_id=0),
        ["query_key_value"],
    ),
    "gpt-neox-serial": (
        GPTNeoXForCausalLM,
        GPTNeoXConfig(vocab_size=VOCABULARY, hidden_size=12, num_hidden_layers=2, num_attention_heads=3, intermediate_size=20,
                      max_position_embeddings=16, rotary_pct=1.0, use_parallel_residual=False, tie_word_embeddings=True,
                      bos_token_id=0, eos_token_id=0),
        ["dense"],
    ),
    "llama": (
        LlamaForCausalLM,
        LlamaConfig(vocab_size=VOCABULARY, hidden_size=24, num_hidden_layers=2, num_attention_heads=6, num_key_value_heads=2,
                    intermediate_size=20, max_position_embeddings=16, tie_word_embeddings=False, bos_token_id=1,
                    rope_parameters={"rope_type": "llama3", "rope_theta": 500.0, "factor": 4.0, "low_freq_factor": 1.0,
                                     "high_freq_factor": 4.0, "original_max_position_embeddings": 8}),
        ["q_proj", "v_proj"],
    ),
}

# Words of one letter, in front of them what the configurations take for special tokens.
TOKENIZER = {
    "version": "1.0",
    "added_tokens": [],
    "normalizer": None,
    "pre_tokenizer": {"type": "Whitespace"},
    "post_processor": None,
    "decoder": None,
    "model": {"type": "WordLevel", "vocab": {chr(97 + i): i for i in range(VOCABULARY)}, "unk_token": "a"},
}


def rounded(tensor):
    return [float(f"{value:.9g}") for value in tensor.detach().double().numpy().ravel()]


def main():
    torch.manual_seed(5)
    ids = torch.tensor(IDS)
    mask = torch.tensor([[1 if i < n else 0 for i in range(len(IDS[0]))] for n in LENGTHS])
    for name, (kind, config, targets) in MODELS.items():
        folder = HERE / name
        folder.mkdir(parents=True, exist_ok=True)
        model = kind(config).eval()
        with torch.no_grad():
            for parameter in model.parameters():
                # Far from the usual beginnings, so that a norm or bias that is left out shows; exact in float16.
                parameter.copy_((parameter + 0.2 * torch.randn_like(parameter)).half().float())
        model.save_pretrained(folder, safe_serialization=True)
        (folder / "generation_config.json").unlink(missing_ok=True)
        (folder / "tokenizer.json").write_text(json.dumps(TOKENIZER))
        (folder / "tokenizer_config.json").write_text(json.dumps({"tokenizer_class": "PreTrainedTokenizerFast"}))
        model = model.double()
        expected = {"ids": IDS, "lengths": LENGTHS, **outputs(model, ids, mask, config)}
        expected["softTokens"] = soft_tokens(model, ids, config)
        expected["lora"] = lora(model, ids, mask, config, targets, folder / "adapter")
        (folder / "expected.json").write_text(json.dumps(expected))


def states_and_logits(model, config, **inputs):
    out = model(**inputs, output_hidden_states=True)
    return out.hidden_states[-1], getattr(out, "logits", None)


def outputs(model, ids, mask, config):
    states, logits = states_and_logits(model, config, input_ids=ids, attention_mask=mask)
    found = {"states": rounded(states)}
    if logits is not None:
        found["logits"] = rounded(logits)
    return found


def soft_tokens(model, ids, config):
    """Embeddings of the first text, the third of them free: the gradient of a sum of weighted states for all of them."""
    embeddings = model.get_input_embeddings()(ids[:1]).detach().clone()
    embeddings[0, 2] = torch.from_numpy(np.linspace(-1, 1, embeddings.shape[2]))
    embeddings.requires_grad_(True)
    states, _ = states_and_logits(model, config, inputs_embeds=embeddings)
    weights = torch.from_numpy(np.sin(np.arange(states.numel())).reshape(states.shape))
    (gradient,) = torch.autograd.grad((states * weights).sum(), embeddings)
    return {"embeddings": rounded(embeddings), "states": rounded(states), "gradient": rounded(gradient)}


def lora(model, ids, mask, config, targets, folder):
    """An adapter that peft wrote, what the model computes with it, and the gradient for its first pair."""
    adapted = get_peft_model(model, LoraConfig(r=2, lora_alpha=6, target_modules=targets,
                                               fan_in_fan_out=config.model_type == "gpt2"))
    for name, parameter in adapted.named_parameters():
        if "lora_" in name:
            parameter.data = (0.3 * torch.randn_like(parameter)).float().double()
    states, _ = states_and_logits(adapted, config, input_ids=ids, attention_mask=mask)
    weights = torch.from_numpy(np.sin(np.arange(states.numel())).reshape(states.shape))
    ((states * weights) * mask[:, :, None]).sum().backward()
    gradients = {name: rounded(p.grad) for name, p in adapted.named_parameters() if "lora_" in name}
    first = sorted(gradients)[:2]
    adapted.float().save_pretrained(folder)
    (folder / "README.md").unlink(missing_ok=True)
    adapted.double()
    found = {"states": rounded(states), "gradients": {name: gradients[name] for name in first}}
    adapted.unload()
    return found


if __name__ == "__main__":
    main()
