package core

// WithPages lets tests in other packages make every page as small as they like.
func WithPages(config Config, size int) Config {
	config.pages = size
	return config
}
