#include "tests/sim/network.h"

#include "common/soap/fault.h"

namespace angophora::sim {

using common::Errc;
using common::Error;
using common::Result;
using common::Task;
using soap::Message;

namespace {

std::string describe(const Network::Letter& letter) {
  return letter.from.value + " > " + letter.to.value + " " + letter.what;
}

template <class Reply>
using CallPtr = std::shared_ptr<Network::Call<Reply>>;

// The first answer counts.
template <class Reply>
Network::Arrival arrival(CallPtr<Reply> call, Result<Reply> reply) {
  return [call, kept = std::make_shared<Result<Reply>>(std::move(reply))] {
    if (call->reply) return;
    call->reply = *kept;
    call->wake.notify();
  };
}

template <class Reply>
std::function<Network::Arrival(Error)> failing(CallPtr<Reply> call) {
  return [call](Error error) { return arrival<Reply>(call, std::move(error)); };
}

// The answer, as it comes or as it fails to come in time.
template <class Reply>
Task<Reply> wait_for(common::Runtime& runtime, CallPtr<Reply> call, Duration timeout,
                     std::string what) {
  const auto until = runtime.steady_now() + timeout;
  while (!call->reply) {
    const auto left = until - runtime.steady_now();
    if (left <= Duration::zero()) co_return Error(Errc::timed_out, what + ": no answer in time");
    if (runtime.stopping()) co_return Error(Errc::cancelled, what + ": the daemon is stopping");
    co_await call->wake.wait(runtime, left);
  }
  co_return *call->reply;
}

}  // namespace

void Network::attach(const ServiceName& name, common::SimRuntime& runtime,
                     soap::Dispatcher& dispatcher, Web web) {
  endpoints_[name] = {&runtime, &dispatcher, std::move(web), {}};
}

void Network::detach(const ServiceName& name) {
  const auto found = endpoints_.find(name);
  if (found == endpoints_.end()) return;
  auto working = std::move(found->second.working);
  endpoints_.erase(found);
  for (const auto& [number, letter] : working)
    answer(letter,
           letter.fail(Error(Errc::unavailable, "the connection to " + name.value + " broke")));
}

Duration Network::delay() {
  const auto most = chance(weather.slow_permille) ? weather.slow_max : weather.delay_max;
  const auto us = std::chrono::duration_cast<std::chrono::microseconds>(most).count();
  return std::chrono::microseconds(50 + world_.random_below(static_cast<std::uint64_t>(us) + 1));
}

void Network::send(Letter letter) {
  const int times = chance(weather.duplicate_permille) ? 2 : 1;
  for (int i = 0; i < times; ++i) {
    if (chance(weather.loss_permille) || is_blocked(letter.from, letter.to)) {
      trace_.note(describe(letter) + " lost");
      continue;
    }
    world_.call_at(world_.steady_now() + delay(), [this, letter] { deliver(letter); });
  }
}

void Network::deliver(const Letter& letter) {
  const auto found = endpoints_.find(letter.to);
  if (found == endpoints_.end()) {
    answer(letter, letter.fail(Error(Errc::unavailable, letter.to.value + " does not listen")));
    return;
  }
  trace_.note(describe(letter));
  auto& endpoint = found->second;
  const auto number = next_++;
  endpoint.working.emplace(number, letter);
  const Endpoint at{endpoint.runtime, endpoint.dispatcher, endpoint.web, {}};
  endpoint.runtime->spawn("serve", serve(*this, at, letter, number));
}

common::awaitable<void> Network::serve(Network& network, Endpoint endpoint, Letter letter,
                                       std::uint64_t number) {
  auto done = co_await letter.serve(endpoint);
  if (auto at = network.endpoints_.find(letter.to); at != network.endpoints_.end())
    at->second.working.erase(number);
  network.answer(letter, std::move(done));
}

void Network::answer(const Letter& letter, Arrival done) {
  if (chance(weather.loss_permille) || is_blocked(letter.to, letter.from)) {
    trace_.note(describe(letter) + " answer lost");
    return;
  }
  world_.call_at(world_.steady_now() + delay(), std::move(done));
}

// --- typed messages ---

namespace {

struct Post {
  const soap::Operation* operation;
  soap::Caller caller;
  Message request;
};

common::awaitable<Network::Arrival> serve_post(soap::Dispatcher& dispatcher,
                                               std::shared_ptr<const Post> post,
                                               CallPtr<Message> call) {
  auto caller = post->caller;
  auto request = post->request;
  auto reply = co_await dispatcher.deliver(*post->operation, std::move(caller), std::move(request));
  if (!reply) reply = soap::error_of(soap::fault_of(reply.assume_error()));
  co_return arrival<Message>(std::move(call), std::move(reply));
}

}  // namespace

Task<Message> NetworkChannel::exchange(const soap::Operation& operation, ServiceName to,
                                       Message request, soap::CallOptions options) {
  auto call = std::make_shared<Network::Call<Message>>();
  auto post = std::make_shared<const Post>(
      Post{&operation, soap::Caller{self_, role_, options.request_id}, std::move(request)});
  Network::Letter letter;
  letter.from = self_;
  letter.to = to;
  letter.what = operation.name;
  letter.serve = [post, call](const Network::Endpoint& at) {
    return serve_post(*at.dispatcher, post, call);
  };
  letter.fail = failing<Message>(call);
  network_.send(std::move(letter));
  auto what = std::string(operation.name) + " at " + to.value;
  co_return co_await wait_for<Message>(runtime_, std::move(call), options.timeout, std::move(what));
}

// --- HTTP ---

namespace {

common::awaitable<Network::Arrival> serve_request(Web web, WebRequest request,
                                                  CallPtr<WebAnswer> call) {
  if (!web) {
    Result<WebAnswer> refused = Error(Errc::unavailable, "it does not speak HTTP");
    co_return arrival<WebAnswer>(std::move(call), std::move(refused));
  }
  auto body = std::make_shared<WholeBody>(request.body);
  auto answer = co_await serve_web(std::move(web), std::move(request), std::move(body));
  co_return arrival<WebAnswer>(std::move(call), std::move(answer));
}

}  // namespace

Task<http::ClientResponse> NetworkWeb::send(http::ClientRequest request) {
  auto call = std::make_shared<Network::Call<WebAnswer>>();
  WebRequest sent{request.method, request.url.target, request.headers, request.body, shown_};
  auto what = request.method + " " + request.url.target;
  Network::Letter letter;
  letter.from = self_;
  letter.to = to_;
  letter.what = what;
  letter.serve = [sent, call](const Network::Endpoint& at) {
    return serve_request(at.web, sent, call);
  };
  letter.fail = failing<WebAnswer>(call);
  network_.send(std::move(letter));
  CO_TRY(auto answer,
         co_await wait_for<WebAnswer>(runtime_, std::move(call), request.timeout, std::move(what)));
  co_return client_response(std::move(answer));
}

}  // namespace angophora::sim
