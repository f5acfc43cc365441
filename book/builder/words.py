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
    "why": {"tr": "Neden sınanamaz:", "en": "Why not:"},
    "said-in": {"tr": "Kaynağı:", "en": "Said in:"},
    "checked-in": {"tr": "Sınandığı hücre:", "en": "Checked in:"},
    "pending": {"tr": "Bekliyor:", "en": "Pending:"},
    "waiting": {
        "tr": "hücresi {number}. bölümle gelecek.",
        "en": "its cell comes with chapter {number}.",
    },
    "ledger-count": {"tr": "{count} iddia: {parts}.", "en": "{count} claims: {parts}."},
    "correction": {"tr": "Doğrusu:", "en": "What is true:"},
    "condition": {"tr": "Koşul:", "en": "Condition:"},
    "first-use": {"tr": "İlk geçtiği yer:", "en": "First used in:"},
    "explained-in": {"tr": "Anlatıldığı yer:", "en": "Explained in:"},
    "doc-Args": {"tr": "Argümanlar", "en": "Arguments"},
    "doc-Attributes": {"tr": "Alanlar", "en": "Attributes"},
    "doc-Shape": {"tr": "Şekil", "en": "Shape"},
    "doc-Returns": {"tr": "Döndürdüğü", "en": "Returns"},
    "doc-Yields": {"tr": "Blokta verdiği", "en": "Gives in the block"},
    "doc-Raises": {"tr": "Hatalar", "en": "Raises"},
    "doc-Source": {"tr": "Dayanağı", "en": "Rests on"},
    "doc-Relative to the paper": {"tr": "Makaleden farkı", "en": "Relative to the paper"},
    "doc-Relative to the notes": {"tr": "Notlardan farkı", "en": "Relative to the notes"},
    "doc-methods": {"tr": "Yöntemler ve özellikler", "en": "Methods and properties"},
    "code": {"tr": "Kaynak kod:", "en": "Source:"},
    "and": {"tr": "ve", "en": "and"},
    "others": {"tr": "vd.", "en": "et al."},
}


def word(key: str, language: str) -> str:
    return WORDS[key][language]
