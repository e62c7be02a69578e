package wechat

// SplitText cuts s into parts of at most limit bytes.
func SplitText(s string, limit int) []string { return []string{s} }

// MenuLink is an inline menu entry for a text.
func MenuLink(id int, content, label string) string { return "" }
