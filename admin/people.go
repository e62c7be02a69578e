package admin

import (
	"github.com/labstack/echo/v4"

	"greendesk/desk/staff"
)

// peopleView is the list of accounts.
type peopleView struct{ Accounts []staff.Account }

// people lists the accounts.
func (k *Console) people(c echo.Context) error {
	all, err := k.staff.Accounts(c.Request().Context())
	if err != nil {
		return err
	}
	return k.render(c, "people.html", "人员", peopleView{Accounts: all})
}

// me is the page of the signed-in account.
func (k *Console) me(c echo.Context) error {
	return k.render(c, "me.html", "我的账号", account(c))
}
