package desk

import (
	"fmt"
	"regexp"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"

	"greendesk/internal/apperr"
)

// Field is one thing that a contact says of itself and its enterprise.
type Field string

// The fields of a Profile.
const (
	FieldCode     Field = "code"     // 统一社会信用代码
	FieldCompany  Field = "company"  // the enterprise's name
	FieldName     Field = "name"     // the contact's
	FieldPosition Field = "position" // optional
	FieldPhone    Field = "phone"
	FieldIndustry Field = "industry" // GB/T 4754 code, optional
	FieldCounty   Field = "county"
	FieldPermit   Field = "permit" // optional
)

// Fields lists the fields in the order in which people are asked.
func Fields() []Field {
	return []Field{FieldCode, FieldCompany, FieldCounty, FieldIndustry, FieldPermit, FieldName, FieldPosition, FieldPhone}
}

// Optional reports whether a profile is complete without the field.
func (f Field) Optional() bool {
	return f == FieldPosition || f == FieldIndustry || f == FieldPermit
}

// Title is how people call a field.
func (f Field) Title() string {
	switch f {
	case FieldCode:
		return "统一社会信用代码"
	case FieldCompany:
		return "企业名称"
	case FieldName:
		return "您的姓名"
	case FieldPosition:
		return "您的职务"
	case FieldPhone:
		return "联系电话"
	case FieldIndustry:
		return "所属行业"
	case FieldCounty:
		return "所在县区"
	case FieldPermit:
		return "排污许可类别"
	}
	return string(f)
}

// Counties lists the counties and zones of the city, in the order in which
// people see them.
func Counties() []string {
	return []string{"源汇区", "郾城区", "召陵区", "舞阳县", "临颍县", "经开区", "示范区", "西城区"}
}

// A county is named with or without its last character. What a zone is called
// stands in other words, too (生态文明示范区) and in other cities: it counts where
// the name begins.
var (
	countyNamed = regexp.MustCompile(`源汇|郾城|召陵|舞阳|临颍`)
	zoneNamed   = regexp.MustCompile(`(?:^|[^\p{Han}]|漯河市?|[在是我们到于])(经开区|示范区|西城区)`)
)

// CountiesIn are the counties and zones of the city that a text names, each once.
func CountiesIn(text string) []string {
	named := strings.Join(countyNamed.FindAllString(text, -1), " ")
	for _, m := range zoneNamed.FindAllStringSubmatch(text, -1) {
		named += " " + m[1]
	}
	return slices.DeleteFunc(Counties(), func(c string) bool { return !strings.Contains(named, strings.TrimRight(c, "区县")) })
}

// Permits lists the classes of pollutant discharge permits, in the order in
// which people see them.
func Permits() []string { return []string{"key", "simplified", "registered", "none"} }

// PermitName is how people call a class of permits, "" for none.
func PermitName(permit string) string {
	switch permit {
	case "key":
		return "重点管理"
	case "simplified":
		return "简化管理"
	case "registered":
		return "登记管理"
	case "none":
		return "不需要办理"
	}
	return ""
}

// Longest texts of a profile, in characters.
const (
	maxCompany = 60
	maxName    = 20
)

var (
	mobile   = regexp.MustCompile(`^1[3-9][0-9]{9}$`)
	landline = regexp.MustCompile(`^0[0-9]{2,3}[1-9][0-9]{6,7}$`)
)

// Clean reads what somebody wrote for a field and returns it as it is kept. The
// error is Invalid and says what to do; an empty optional field is none.
func (f Field) Clean(s string) (string, error) {
	s = strings.Join(strings.FieldsFunc(s, func(r rune) bool { return unicode.IsSpace(r) || !unicode.IsPrint(r) }), " ")
	if s == "" && f.Optional() {
		return "", nil
	}
	switch f {
	case FieldCode:
		return CreditCode(s)
	case FieldCompany:
		return bounded(s, f.Title(), 2, maxCompany)
	case FieldName:
		return bounded(s, f.Title(), 1, maxName)
	case FieldPosition:
		return bounded(s, f.Title(), 1, maxName)
	case FieldPhone:
		return cleanPhone(s)
	case FieldIndustry:
		if IndustryName(s) == "" {
			return "", apperr.New(apperr.Invalid, "没有这个行业，请从列表里选一个；不确定可以不选。")
		}
		return s, nil
	case FieldCounty:
		return cleanCounty(s)
	case FieldPermit:
		return cleanPermit(s)
	}
	return "", fmt.Errorf("desk: no field %q", f)
}

func bounded(s, title string, least, most int) (string, error) {
	switch n := utf8.RuneCountInString(s); {
	case n == 0:
		return "", apperr.New(apperr.Invalid, "请填写"+title+"。")
	case n < least || n > most:
		return "", apperr.New(apperr.Invalid, fmt.Sprintf("%s要有 %d 到 %d 个字。", title, least, most))
	}
	return s, nil
}

func cleanPhone(s string) (string, error) {
	digits := strings.Map(func(r rune) rune {
		switch {
		case r >= '０' && r <= '９':
			return r - '０' + '0'
		case r == ' ', r == '-', r == '—', r == '(', r == ')', r == '（', r == '）':
			return -1
		}
		return r
	}, s)
	digits = strings.TrimPrefix(digits, "+86")
	if !mobile.MatchString(digits) && !landline.MatchString(digits) {
		return "", apperr.New(apperr.Invalid, "请填写 11 位手机号，或者带区号的座机，例如 0395-3131234。")
	}
	return digits, nil
}

// cleanCounty takes a county with or without its last character: 召陵 is 召陵区.
func cleanCounty(s string) (string, error) {
	for _, c := range Counties() {
		short := strings.TrimRight(c, "区县")
		if s == c || strings.HasSuffix(s, short) || strings.HasSuffix(s, short+"县") || strings.HasSuffix(s, short+"区") {
			return c, nil
		}
	}
	return "", apperr.New(apperr.Invalid, "请选择所在县区："+strings.Join(Counties(), "、")+"。")
}

// cleanPermit takes a class by its word or its name: 简化 is simplified.
func cleanPermit(s string) (string, error) {
	var names []string
	for _, p := range Permits() {
		name := PermitName(p)
		if s == p || s == name || s+"管理" == name {
			return p, nil
		}
		names = append(names, name)
	}
	return "", apperr.New(apperr.Invalid, "请选择排污许可类别："+strings.Join(names, "、")+"；不清楚可以不选。")
}
