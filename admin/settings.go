package admin

import (
	"strings"

	"github.com/labstack/echo/v4"

	"greendesk/desk"
	"greendesk/internal/apperr"
)

// settings lists what administrators set for the desk.
func (k *Console) settings(c echo.Context) error { return k.settingsWith(c, "", "", nil) }

// settingsWith shows the settings; the one that could not be saved as it was
// typed.
func (k *Console) settingsWith(c echo.Context, name, typed string, problem error) error {
	all, err := k.cfg.Desk.DeskSettings(c.Request().Context())
	if err != nil {
		return err
	}
	for i, s := range all {
		if s.Name == name {
			all[i].Value = typed
		}
	}
	return k.renderProblem(c, "settings.html", "设置", settingsView{All: all, Wrong: name}, problem)
}

type settingsView struct {
	All   []desk.Setting
	Wrong string // name of the one that could not be saved, "" if none
}

// confirmView asks whether answers shall no longer wait for a second signature.
type confirmView struct {
	desk.Setting        // with the value that holds
	New          string // as typed
	Lost         string // words or topics
}

// changeSetting saves one setting.
func (k *Console) changeSetting(c echo.Context) error {
	name, value := c.Param("name"), c.FormValue("value")
	if c.FormValue("default") != "" {
		all, err := k.cfg.Desk.DeskSettings(c.Request().Context())
		if err != nil {
			return err
		}
		for _, s := range all {
			if s.Name == name {
				value = s.Default
			}
		}
	}
	now, lost, err := k.cfg.Desk.Unsigned(c.Request().Context(), name, value)
	if err != nil {
		return err
	}
	if len(lost) > 0 && writes(c.FormValue("instead")) != writes(now) { // what was agreed to is this change and no other
		return k.confirmSetting(c, name, value, lost)
	}
	if err := k.cfg.Desk.SetDeskSetting(c.Request().Context(), actor(c), name, value); err != nil {
		return k.settingsWith(c, name, value, err)
	}
	return k.flash(c, "/admin/settings#"+name, "已保存，马上生效。")
}

// confirmSetting shows what a change would no longer guard, with the old text
// and the new.
func (k *Console) confirmSetting(c echo.Context, name, value string, lost []string) error {
	all, err := k.cfg.Desk.DeskSettings(c.Request().Context())
	if err != nil {
		return err
	}
	for _, s := range all {
		if s.Name == name {
			return k.render(c, "setting_confirm.html", s.Title, confirmView{Setting: s, New: value, Lost: strings.Join(lost, "、")})
		}
	}
	return apperr.New(apperr.NotFound, "没有这一项设置。")
}
