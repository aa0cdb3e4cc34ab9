#include "tests/histories/world/guest_disk.h"

#include <algorithm>
#include <filesystem>
#include <fstream>

#include "nc/volumes/volume_clients.h"

namespace angophora::histories {

namespace fs = std::filesystem;
using namespace std::chrono_literals;

namespace {

constexpr common::Duration kLook = 2ms;
constexpr common::Duration kTryAgain = 15ms;
constexpr common::Duration kLimit = 30s;

}  // namespace

GuestDisk::GuestDisk(Runtime& runtime, std::string guest, std::string serial)
    : runtime_(runtime), guest_(std::move(guest)), file_(guest_ + "/" + serial) {}

bool GuestDisk::is_plugged() const { return fs::exists(file_); }

awaitable<void> GuestDisk::attend(std::shared_ptr<GuestDisk> self) {
  auto& runtime = self->runtime_;
  const auto wish = self->file_ + ".unplug";
  std::error_code ignored;
  while (!self->stopped_ && !runtime.stopping()) {
    if (fs::exists(wish) && !self->busy_ && (!self->clings_ || !self->is_plugged())) {
      self->client_.reset();
      fs::remove(self->file_, ignored);
      fs::remove(wish, ignored);
    }
    co_await runtime.sleep_for(kLook);
  }
}

Task<bool> GuestDisk::run(std::vector<IoRequest>& requests) {
  busy_ = true;
  const auto give_up = runtime_.steady_now() + kLimit;
  for (;;) {
    const bool done = co_await attempt(requests);
    if (done) break;
    if (!is_plugged() || stopped_ || runtime_.steady_now() > give_up) break;
    // As error_policy=stop does: the node controller is to let it go on.
    if (fs::exists(guest_)) std::ofstream(guest_ + "/stopped").close();
    co_await runtime_.sleep_for(kTryAgain);
  }
  busy_ = false;
  const bool all =
      std::all_of(requests.begin(), requests.end(), [](const IoRequest& r) { return r.answered; });
  if (all) co_return true;
  client_.reset();
  if (runtime_.steady_now() > give_up)
    co_return Error(common::Errc::timed_out, "the guest's requests hang");
  co_return false;
}

awaitable<bool> GuestDisk::attempt(std::vector<IoRequest>& requests) {
  if (!client_) {
    std::string socket;
    std::getline(std::ifstream(file_), socket);
    auto connected = co_await NbdClient::connect(runtime_, std::move(socket), nc::kLocalExport);
    if (!connected) co_return false;
    client_ = std::move(connected).assume_value();
  }
  const auto ran = co_await client_->run(requests);
  if (!ran) client_.reset();
  bool all = ran.has_value();
  for (auto& request : requests) {
    if (request.error != 0) request.answered = false;
    request.error = 0;
    all = all && request.answered;
  }
  co_return all;
}

}  // namespace angophora::histories
