package ports

//go:generate go tool mockgen -source=source.go -destination=portsmock/source.go -package=portsmock
//go:generate go tool mockgen -source=leases.go -destination=portsmock/leases.go -package=portsmock
//go:generate go tool mockgen -source=notifier.go -destination=portsmock/notifier.go -package=portsmock
