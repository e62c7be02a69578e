// Package simulator is a stand-in for the WeChat platform, faithful enough to find the faults that the real one would.
//
// It plays both sides that an official account (公众号) never controls: the platform, which pushes signed and encrypted
// messages and answers the API, and the phones of the people who follow the account. `demo` serves it with a phone page;
// the tests and benchmarks drive it from Go.
//
// It signs, encrypts and checks with the SDK's utilities and not with package wechat, so that a mistake there shows here.
//
// Where the platform's behaviour is not published, the comment says what was assumed. Three assumptions matter most:
// no answer (timeout, refused or cut connection, HTTP 5xx) is delivered again, while an abnormal answer shows the fault
// line at once; a tap on a bizmsgmenu link opens the small quota (3 messages, 1 minute) and not the large one; and two
// answers to the same message show once.
package simulator
