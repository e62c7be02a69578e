package parse

import (
	"regexp"
	"strings"
)

var (
	numberRE  = regexp.MustCompile(`(\p{Han}{1,12})\s*[〔［\[（(【]\s*([0-9０-９]{4})\s*[〕］\]）)】]\s*第?\s*([0-9０-９]{1,4})\s*号`)
	orderRE   = regexp.MustCompile(`(?:^|[日号）)（(\s])((?:中华人民共和国)?[\p{Han}、 ]{2,40}令)\s*(?:〔[0-9]{4}〕)?\s*第?\s*([0-9０-９]{1,4}|` + han + `{1,5})\s*号`)
	amendRE   = regexp.MustCompile(`^\s*(?:第\p{Han}次)?修[正改]`)
	editionRE = regexp.MustCompile(`[（(]\s*[0-9]{4}(?:[-年.][^（()）]*)?[)）]\s*$`)
	yearRE    = regexp.MustCompile(`[（(]\s*([0-9]{4})\s*年?版?\s*[)）]\s*$`)
)

// FindNumber returns the first 文号 in s, normalised: brackets 〔〕, half-width digits,
// no blanks, no 中华人民共和国. "" when there is none. Among several 令 the last wins
// that is not a mere amendment (修正): a revision (修订) is published anew.
func FindNumber(s string) string {
	if !strings.Contains(s, "号") {
		return ""
	}
	if m := numberRE.FindStringSubmatch(s); m != nil {
		return trimNumber(m[1]) + "〔" + narrowDigits(m[2]) + "〕" + narrowDigits(m[3]) + "号"
	}
	s = titleBooks.ReplaceAllString(s, "")
	by, n := "", ""
	for _, m := range orderRE.FindAllStringSubmatchIndex(s, -1) {
		if by != "" && amendRE.MatchString(s[m[1]:]) {
			continue // an amendment does not change the number of the order
		}
		by, n = s[m[2]:m[3]], narrowDigits(s[m[4]:m[5]])
	}
	if by == "" {
		return ""
	}
	if v, ok := Numeral(n); ok {
		n = itoa(v)
	}
	by = strings.ReplaceAll(strings.Trim(by, " 、"), " ", "、")
	return strings.TrimPrefix(strings.TrimPrefix(by, "原"), "中华人民共和国") + "第" + n + "号"
}

// trimNumber drops words that stand before a number in running text (根据豫环办〔2021〕…).
func trimNumber(s string) string {
	for _, p := range []string{"文号", "根据", "按照", "依据", "印发", "的", "以", "即", "号"} {
		if i := strings.LastIndex(s, p); i >= 0 && i+len(p) < len(s) {
			s = s[i+len(p):]
		}
	}
	return s
}

// NormalNumber writes a 文号 that a person or a text gave in the normal form, or
// returns it without blanks when it is of another form.
func NormalNumber(s string) string {
	if n := FindNumber(squeeze(s)); n != "" {
		return n
	}
	return strings.ReplaceAll(squeeze(s), " ", "")
}

// TitleKey reduces a title to what identifies the document over its versions: without
// 中华人民共和国, blanks, 《》, separators, and a date or year in brackets at the end.
// （试行） stays: it is another document.
func TitleKey(title string) string {
	title = editionRE.ReplaceAllString(squeeze(title), "")
	title = strings.ReplaceAll(title, "中华人民共和国", "")
	return strings.Map(func(r rune) rune {
		switch {
		case strings.ContainsRune("《》〈〉<>「」“”\"、，,·　 ", r):
			return -1
		case r == '(' || r == '［' || r == '[':
			return '（'
		case r == ')' || r == '］' || r == ']':
			return '）'
		}
		return r
	}, title)
}

// fileTitle takes the title from a file name.
func fileTitle(name string) string {
	if i := strings.LastIndexAny(name, `/\`); i >= 0 {
		name = name[i+1:]
	}
	name = strings.TrimSuffix(name, ".gz")
	if i := strings.LastIndexByte(name, '.'); i > 0 {
		name = name[:i]
	}
	return tight(fileDateRE.ReplaceAllString(name, ""))
}

// provinces with the form a title or a path gives; the value is what Region says.
var provinces = []string{"北京市", "天津市", "上海市", "重庆市", "河北省", "山西省", "辽宁省", "吉林省", "黑龙江省", "江苏省", "浙江省",
	"安徽省", "福建省", "江西省", "山东省", "河南省", "湖北省", "湖南省", "广东省", "海南省", "四川省", "贵州省", "云南省", "陕西省", "甘肃省",
	"青海省", "台湾省", "内蒙古自治区", "广西壮族自治区", "西藏自治区", "宁夏回族自治区", "新疆维吾尔自治区"}

// provinceOf finds the province whose short name s holds: 山东地方法规 → 山东省.
func provinceOf(s string) string {
	for _, p := range provinces {
		short := p
		for _, suffix := range []string{"壮族自治区", "回族自治区", "维吾尔自治区", "自治区", "省", "市"} {
			short = strings.TrimSuffix(short, suffix)
		}
		if strings.Contains(s, short) {
			return p
		}
	}
	return ""
}

var (
	placeRE = regexp.MustCompile(`^(\p{Han}{2,10}?(?:自治州|自治县|自治旗|地区行署)|\p{Han}{2,4}?[市县])`)
	zoneRE  = regexp.MustCompile(`^(\p{Han}{2,4}?)经济特区`)
)

// notPlaces are words that look like the name of a city at the beginning of a title.
var notPlaces = []string{"城市", "直辖市", "省辖市", "较大的市", "县级市", "设区的市", "市场", "城镇", "都市", "各市", "各省市", "期货市", "证券市",
	"电力市", "药品市", "农贸市", "集贸市", "股票市", "房地产市", "债券市", "人才市", "劳动力市", "技术市", "文化市", "各县", "乡镇", "全市", "本市", "郡县"}

// RegionOf reads the region from the beginning of a title or of an issuer's name:
// 漯河市扬尘污染防治条例 → 漯河市. "" when it names none.
func RegionOf(s string) string {
	s = strings.TrimPrefix(strings.TrimPrefix(tight(s), "中共"), "《")
	for _, p := range provinces {
		if strings.HasPrefix(s, p) {
			// 河南省漯河市… is the city's.
			if city := placeRE.FindString(s[len(p):]); city != "" && isPlace(city, s[len(p):]) {
				return city
			}
			return p
		}
	}
	if m := zoneRE.FindStringSubmatch(s); m != nil {
		if m[1] == "海南" {
			return "海南省"
		}
		return m[1] + "市"
	}
	if place := placeRE.FindString(s); place != "" && isPlace(place, s) {
		return place
	}
	return ""
}

func isPlace(place, s string) bool {
	if strings.Contains(place, "城市") || strings.HasPrefix(place, "关于") {
		return false
	}
	rest := strings.TrimPrefix(s, place)
	for _, p := range []string{"场", "政", "容", "民", "域", "级", "制", "际"} {
		if strings.HasPrefix(rest, p) {
			return false
		}
	}
	for _, w := range notPlaces {
		if strings.HasPrefix(place, w) {
			return false
		}
	}
	return true
}
