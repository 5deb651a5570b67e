"""A language model that has learnt nothing, made on the spot: to an engine it is a model like any other."""

from pathlib import Path

CHAT_TEMPLATE = (
    "{% for message in messages %}<|{{ message['role'] }}|>\n{{ message['content'] }}<|end|>\n{% endfor %}"
    "{% if add_generation_prompt %}<|assistant|>\n{% endif %}"
)

_SPECIAL = ["<|end|>", "<|pad|>", "<|system|>", "<|user|>", "<|assistant|>"]

_TEXTS = [
    "The surveyor was born in Timaru on 3 May 1891, and married in 1920.",
    'result = [Person(name="Ngaio Petersen", born=1891, offices=["surveyor"], is_member=True, died=None)]',
    '{"person": {"name": "Owen Rudd", "birth": {"place": "Oamaru"}}}',
    "@dataclass\nclass Person:\n    \"\"\"Somebody who is named.\"\"\"\n\n    name: str  # as it stands in the text\n",
    "Write a list of instances, each of a class that is defined above, as Python. 静脉注射 🎈 naïve",
]  # fmt: skip


def make(folder: Path, *, has_template: bool = True, context: int = 8192) -> Path:
    """Save a Llama of about 100,000 random parameters, with a tokenizer trained on five lines."""
    import torch
    from tokenizers import Tokenizer, decoders, models, pre_tokenizers, trainers
    from transformers import LlamaConfig, LlamaForCausalLM, PreTrainedTokenizerFast

    tokenizer = Tokenizer(models.BPE())
    tokenizer.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False)
    tokenizer.decoder = decoders.ByteLevel()
    alphabet = pre_tokenizers.ByteLevel.alphabet()
    trainer = trainers.BpeTrainer(
        vocab_size=500, special_tokens=_SPECIAL, initial_alphabet=alphabet, show_progress=False
    )
    tokenizer.train_from_iterator(_TEXTS * 4, trainer)
    fast = PreTrainedTokenizerFast(
        tokenizer_object=tokenizer, eos_token="<|end|>", pad_token="<|pad|>", model_max_length=context
    )
    if has_template:
        fast.chat_template = CHAT_TEMPLATE
    fast.save_pretrained(folder)
    torch.manual_seed(0)
    config = LlamaConfig(
        vocab_size=len(fast),
        hidden_size=64,
        intermediate_size=128,
        num_hidden_layers=2,
        num_attention_heads=2,
        num_key_value_heads=1,
        # vLLM on processors wants heads of at least 32.
        max_position_embeddings=context,
        bos_token_id=None,
        eos_token_id=fast.eos_token_id,
        pad_token_id=fast.pad_token_id,
    )
    LlamaForCausalLM(config).save_pretrained(folder)
    return folder
