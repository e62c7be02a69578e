// Package route decides who gets a question: its topic by its words, its group
// by the topic, and of the group's experts the one who fits and has least to do.
// It is pure: what it knows of people, working time and the clock is handed in, and the same
// always gives the same.
package route
