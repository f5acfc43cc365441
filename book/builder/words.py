"""The words that the builder itself writes into chapters, in both languages."""

WORDS = {
    "figure": {"tr": "Şekil", "en": "Figure"},
    "solution": {"tr": "Çözüm", "en": "Solution"},
    "hint": {"tr": "İpucu", "en": "Hint"},
    "note": {"tr": "Not", "en": "Note"},
    "warning": {"tr": "Uyarı", "en": "Warning"},
    "tip": {"tr": "Öneri", "en": "Tip"},
    "important": {"tr": "Önemli", "en": "Important"},
    "claim": {"tr": "İddia", "en": "Claim"},
    "true": {"tr": "doğru", "en": "true"},
    "false": {"tr": "yanlış", "en": "false"},
    "only-if": {"tr": "koşullu doğru", "en": "only if"},
    "not-testable": {"tr": "sınanamaz", "en": "not testable"},
    "correction": {"tr": "Doğrusu:", "en": "What is true:"},
    "condition": {"tr": "Koşul:", "en": "Condition:"},
    "code": {"tr": "Kaynak kod:", "en": "Source:"},
    "and": {"tr": "ve", "en": "and"},
    "others": {"tr": "vd.", "en": "et al."},
}


def word(key: str, language: str) -> str:
    return WORDS[key][language]
