package admin

import (
	"fmt"

	"greendesk/desk/staff"
	"greendesk/knowledge"
)

// searchLine is how the search fares, in one line for those who can mend it.
type searchLine struct {
	Text string
	Bad  bool // something is configured and does not work as it should
}

// searchLine is nil for who is neither curator nor administrator.
func (k *Console) searchLine(a staff.Actor) *searchLine {
	if !a.Has(staff.RoleCurator, staff.RoleAdministrator) {
		return nil
	}
	h := k.cfg.Engine.Health()
	search, bad := searchWords(h.Search)
	meaning, worse := meaningWords(h)
	return &searchLine{Text: fmt.Sprintf("检索：%d 条条款；%s；%s。", h.Clauses, search, meaning), Bad: bad || worse}
}

// searchWords says what a word of Engine.SearchState means.
func searchWords(state string) (text string, bad bool) {
	switch state {
	case "embedded":
		return "用内置索引", false
	case "ok":
		return "用 Meilisearch，正常", false
	}
	why := map[string]string{
		"unseen": "还没有连上", "down": "连不上", "slow": "没有及时应答", "busy": "忙不过来", "broken": "应答有误", "empty": "里面是空的或什么也没找到",
		"behind": "还没有跟上新导入的文件", "foreign": "里面的数据不是这个程序写的", "paused": "连续出错，过一会儿再试",
	}[state]
	if why == "" {
		why = "用不上（" + state + "）"
	}
	return "Meilisearch " + why + "，现在用内置索引，照常答复", true
}

// meaningWords says how the search by meaning fares.
func meaningWords(h knowledge.Health) (text string, bad bool) {
	m := h.Meaning
	switch {
	case m.Model == "":
		return "没有配置向量", false
	case h.Resting:
		return "向量服务没有应答，现在只按词语检索", true
	case m.Missing > 0:
		return fmt.Sprintf("向量还差 %d 条，正在计算", m.Missing), false
	case m.Refused > 0:
		return fmt.Sprintf("向量正常，有 %d 条算不出来", m.Refused), false
	}
	return "向量正常", false
}
