package admin

import (
	"github.com/labstack/echo/v4"

	"greendesk/desk"
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
	if err := k.cfg.Desk.SetDeskSetting(c.Request().Context(), actor(c), name, value); err != nil {
		return k.settingsWith(c, name, value, err)
	}
	return k.flash(c, "/admin/settings#"+name, "已保存，马上生效。")
}
