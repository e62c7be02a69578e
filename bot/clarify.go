package bot

import (
	"slices"
	"strconv"
	"strings"
)

// clarify asks back which reading of a message is meant. The message stays the
// last question, so that 转专家 hands it over.
func (b *Bot) clarify(m Message, s *session, t turn, d Decision) Reply {
	t.Inbound, t.At, t.Readings = m.ID, m.At, d.Readings
	t.Answered = "反问是哪一种：" + strings.Join(d.Readings, "；")
	s.add(t)
	return clarified(d.Readings)
}

// ordinals are ways to name one of the readings by its place.
var ordinals = [][]string{{"一", "第一个", "第一种", "第一"}, {"二", "第二个", "第二种", "第二"}, {"三", "第三个", "第三种", "第三"}}

// chosen is the reading that a message picks, by a tap or by its number; "" when
// it picks none. A reading stands by itself: it does not lean on the message
// that it explains.
func (b *Bot) chosen(m Message, s *session, text string) string {
	last := s.last()
	if last == nil || len(last.Readings) == 0 {
		return ""
	}
	folded := b.engine.Folder().Fold(text)
	for i, reading := range last.Readings {
		if m.Tap == strconv.Itoa(firstReading+i) || slices.Contains(ordinals[min(i, len(ordinals)-1)], folded) || folded == b.engine.Folder().Fold(reading) {
			return reading
		}
	}
	return ""
}
