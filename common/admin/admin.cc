#include "common/admin/admin.h"

#include <mutex>

#include "common/admin/process_metrics.h"
#include "common/log/log.h"

namespace angophora::admin {

using boost::asio::awaitable;
using common::Result;
using http::Request;
using http::Response;

struct Admin::State {
  State(common::Runtime& r, Metrics& m) : runtime(r), metrics(m) {}

  common::Runtime& runtime;
  Metrics& metrics;
  std::mutex mutex;
  bool ready = false;
  std::string reason = "starting";

  Response answer(const Request& request);
  Response readiness();
};

namespace {

Response plain(int status, std::string text) {
  Response response;
  response.status = status;
  response.headers.add("Content-Type", "text/plain; charset=utf-8");
  response.body = std::move(text);
  return response;
}

// The only coroutine; all answers are at hand.
awaitable<Response> at_once(Response response) { co_return response; }

}  // namespace

Response Admin::State::readiness() {
  if (runtime.stopping()) return plain(503, "stopping\n");
  const std::lock_guard lock(mutex);
  return ready ? plain(200, "ready\n") : plain(503, reason + "\n");
}

Response Admin::State::answer(const Request& request) {
  if (request.method != "GET" && request.method != "HEAD") {
    Response refusal = plain(405, "only GET and HEAD are served here\n");
    refusal.headers.add("Allow", "GET, HEAD");
    return refusal;
  }
  if (request.path() == "/healthz") return plain(200, "ok\n");
  if (request.path() == "/readyz") return readiness();
  if (request.path() != "/metrics") return plain(404, "try /metrics, /healthz or /readyz\n");
  Response figures = plain(200, metrics.text());
  figures.headers.set("Content-Type", "text/plain; version=0.0.4; charset=utf-8");
  return figures;
}

Result<std::unique_ptr<Admin>> Admin::listen(common::Runtime& runtime, std::string address,
                                             std::uint16_t port, Metrics& metrics) {
  add_process_metrics(metrics);
  auto state = std::make_shared<State>(runtime, metrics);
  http::ServerOptions options;
  options.address = std::move(address);
  options.port = port;
  options.connections_max = 64;
  auto handler = [state](Request& request) { return at_once(state->answer(request)); };
  TRY(auto server, http::Server::listen(runtime, std::move(options), std::move(handler)));
  return std::unique_ptr<Admin>(new Admin(std::move(state), std::move(server)));
}

Admin::Admin(std::shared_ptr<State> state, std::unique_ptr<http::Server> server)
    : state_(std::move(state)), server_(std::move(server)) {}

Admin::~Admin() = default;

void Admin::set_ready(bool ready, std::string reason) {
  const std::lock_guard lock(state_->mutex);
  if (state_->ready == ready && state_->reason == reason) return;
  state_->ready = ready;
  state_->reason = std::move(reason);
  if (ready)
    log::info("daemon.ready");
  else
    log::warn("daemon.not_ready", {{"reason", state_->reason}});
}

std::uint16_t Admin::port() const { return server_->port(); }

}  // namespace angophora::admin
