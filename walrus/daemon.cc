#include "walrus/daemon.h"

namespace angophora::walrus {

Daemon::Daemon(std::unique_ptr<Walrus> walrus, Status status)
    : walrus_(std::move(walrus)), operations_{walrus_->services(), std::move(status)} {
  serve_operations(dispatcher_, operations_);
}

std::string Daemon::why_not_ready() const {
  if (walrus_->identities().usable()) return {};
  return "the cloud's identities are not known: the cloud controller cannot be reached";
}

}  // namespace angophora::walrus
