package meilistub

import (
	"fmt"
	"regexp"
	"slices"
	"strconv"
	"strings"
)

// A filter here is conditions joined by AND: attribute, an operator, and a
// number, a string in quotation marks, or (IN) a list of strings.
var condition = regexp.MustCompile(`^(\w+) (<=|>=|<|>|=|IN) (.+)$`)

// parseFilter makes a test of a filter. Like the API it refuses attributes
// that are not filterable; a document without the attribute fails the test.
func parseFilter(filter string, filterable []string) (func(map[string]any) bool, error) {
	var tests []func(map[string]any) bool
	for part := range strings.SplitSeq(filter, " AND ") {
		if part == "" {
			continue
		}
		m := condition.FindStringSubmatch(part)
		if m == nil {
			return nil, fmt.Errorf("was expecting an operation, found %q", part)
		}
		if !slices.Contains(filterable, m[1]) {
			return nil, fmt.Errorf("attribute `%s` is not filterable", m[1])
		}
		test, err := parseCondition(m[1], m[2], m[3])
		if err != nil {
			return nil, err
		}
		tests = append(tests, test)
	}
	return func(d map[string]any) bool {
		for _, t := range tests {
			if !t(d) {
				return false
			}
		}
		return true
	}, nil
}

func parseCondition(name, op, value string) (func(map[string]any) bool, error) {
	if op == "IN" {
		var list []string
		for one := range strings.SplitSeq(strings.Trim(value, "[]"), ", ") {
			text, err := strconv.Unquote(one)
			if err != nil {
				return nil, fmt.Errorf("%q is no string", one)
			}
			list = append(list, text)
		}
		return func(d map[string]any) bool { text, ok := d[name].(string); return ok && slices.Contains(list, text) }, nil
	}
	want, err := strconv.ParseFloat(value, 64)
	if err != nil {
		return nil, fmt.Errorf("%q is no number", value)
	}
	return func(d map[string]any) bool {
		have, ok := d[name].(float64)
		if !ok {
			return false
		}
		switch op {
		case "<":
			return have < want
		case "<=":
			return have <= want
		case ">":
			return have > want
		case ">=":
			return have >= want
		}
		return have == want
	}, nil
}
