package parse

import (
	"html"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"unicode"
)

// corpusFiles lists the shared corpus beside the project; nil when it is not there.
func corpusFiles(t *testing.T, pattern string) []string {
	t.Helper()
	files, err := filepath.Glob(filepath.Join("..", "..", "..", "shared", "corpus", pattern))
	if err != nil {
		t.Fatal(err)
	}
	if len(files) == 0 {
		t.Log("no corpus here:", pattern)
	}
	return files
}

func parseFile(t *testing.T, path string) (Document, string) {
	t.Helper()
	data, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	d, err := Parse(filepath.Base(path), data)
	if err != nil {
		t.Fatalf("%s: %v", path, err)
	}
	return d, string(data)
}

// Articles of every law and rule run 1 to n without a gap, and no excerpt of another
// law is among them.
func TestCorpusArticlesAreNumberedWithoutGaps(t *testing.T) {
	clauses := 0
	for _, f := range append(corpusFiles(t, "laws/*.md"), corpusFiles(t, "rules/*.md")...) {
		d, _ := parseFile(t, f)
		clauses += len(d.Clauses)
		n := 0
		for _, c := range d.Clauses {
			if c.Kind != Article {
				continue
			}
			if n++; c.Article != n || c.ArticleSub != 0 {
				t.Errorf("%s: %s is article %d", d.Title, c.Ref, n)
				n = c.Article
			}
		}
		if (n == 0) != withoutArticles[d.Title] {
			t.Errorf("%s has %d articles", d.Title, n)
		}
		if d.Incomplete {
			t.Errorf("%s: %s", d.Title, d.IncompleteWhy)
		}
	}
	if clauses > 0 && clauses < 5000 {
		t.Errorf("%d clauses", clauses)
	}
}

var withoutArticles = map[string]bool{
	"河南省人民代表大会常务委员会关于全面加强生态环境保护依法推动打好污染防治攻坚战让中原更加出彩的决议": true,
	"关于“未验先投”违法行为行政处罚新旧法律规范衔接适用问题的意见":                   true,
	"关于办理环境污染刑事案件有关问题座谈会纪要":                             true,
	"关于建设项目“未批先建”违法行为法律适用问题的意见":                         true,
	"关于恶臭气体超标排放法律适用有关问题的复函":                             true,
	"关于环境污染刑事案件中“有毒物质”的范围":                              true,
	"关于生态环境执法中建设项目“总投资额”认定问题的指导意见（试行）":                  true,
	"有毒有害大气污染物名录":                                       true, "有毒有害水污染物名录": true, "污染影响类建设项目重大变动清单（试行）": true,
	"江门市生态环境依法不予行政处罚的轻微环境违法行为清单": true,
}

func TestCorpusNoticeIsMarkedAsCutOff(t *testing.T) {
	for _, f := range corpusFiles(t, "files/*.txt") {
		d, _ := parseFile(t, f)
		if !d.Incomplete || !strings.Contains(d.IncompleteWhy, "攫取非法利益，") {
			t.Errorf("incomplete %v %s", d.Incomplete, d.IncompleteWhy)
		}
		if d.Number != "漯环办〔2021〕52号" || d.Region != "漯河市" || d.Title != "关于优化生态环境综合执法助力企业绿色发展的通知" {
			t.Errorf("%+v", d)
		}
		all := ""
		for _, c := range d.Clauses {
			all += c.Ref + "\n" + c.Text + "\n"
		}
		for _, want := range []string{"减轻正面清单企业负担。", "找准解决路径", "经过生态环境部门执法检查", "对标先进、补齐短板",
			"三、优化执法措施 （四）健全常态化服务机制，帮助企业纾困解难\n"} {
			if !strings.Contains(all, want) {
				t.Errorf("%q is missing", want)
			}
		}
	}
}

func TestCorpusReferencesThatQuestionsUse(t *testing.T) {
	want := map[string]string{
		"污染影响类建设项目重大变动清单（试行）": "规模：", "有毒有害大气污染物名录": "2018年 2 甲醛",
		"关于恶臭气体超标排放法律适用有关问题的复函":     "一、相关法律规定 （三）关于餐饮服务业经营者超标排放油烟",
		"关于建设项目“未批先建”违法行为法律适用问题的意见": "一、关于“未批先建”违法行为行政处罚的法律适用 （二）法律适用",
		"环境行政处罚办法": "第九条",
	}
	for _, f := range corpusFiles(t, "rules/*.md") {
		d, _ := parseFile(t, f)
		for _, c := range d.Clauses {
			if want[d.Title] == c.Ref {
				delete(want, d.Title)
			}
			for _, bad := range []string{"<b>", "</p>", "&emsp;", "](", ":::", "查看原文", ":mag:", "{#", "{align", "@tab"} {
				if strings.Contains(c.Text+c.Ref, bad) {
					t.Errorf("%s %s: %q is left", d.Title, c.Ref, bad)
				}
			}
		}
		if len(d.Clauses) > 0 && len(want) == 0 {
			return
		}
	}
	if len(want) > 0 && len(corpusFiles(t, "rules/*.md")) > 0 {
		t.Errorf("not found: %v", want)
	}
}

// Every Chinese character of a text that is not the site's arrives in some clause, in
// a heading above one, or in the metadata.
func TestCorpusLosesNoText(t *testing.T) {
	site := regexp.MustCompile(`(?s)\A---\n.*?\n---\n|::: details 目录.*?\n:::|::: warning 原文链接.*?\n:::|<!--.*?-->|查看原文|修订信息|(?m:^@tab.*$)|\]\([^\n]*?\)[{*\n]`)
	for _, f := range append(corpusFiles(t, "laws/*.md"), append(corpusFiles(t, "rules/*.md"), corpusFiles(t, "files/*.txt")...)...) {
		d, raw := parseFile(t, f)
		raw = html.UnescapeString(site.ReplaceAllString(raw, ""))
		have := count(d.Title + d.Title + d.Number + d.Issuer + "文件法释")
		for _, c := range d.Clauses {
			for r, n := range count(c.Ref + c.Text + strings.Join(c.Path, "") + c.Heading + "第条之") {
				have[r] += n
			}
		}
		for r, n := range count(raw) {
			if have[r] < n {
				t.Errorf("%s: %d of %d %q are lost", d.Title, n-have[r], n, r)
			}
		}
	}
}

func count(s string) map[rune]int {
	out := map[rune]int{}
	for _, r := range s {
		if unicode.Is(unicode.Han, r) {
			out[r]++
		}
	}
	return out
}
