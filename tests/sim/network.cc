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
  return letter.from.value + " > " + letter.to.value + " " + std::string(letter.operation->name);
}

}  // namespace

void Network::attach(const ServiceName& name, common::SimRuntime& runtime,
                     soap::Dispatcher& dispatcher) {
  endpoints_[name] = {&runtime, &dispatcher, {}};
}

void Network::detach(const ServiceName& name) {
  const auto found = endpoints_.find(name);
  if (found == endpoints_.end()) return;
  auto working = std::move(found->second.working);
  endpoints_.erase(found);
  for (const auto& [number, letter] : working)
    answer(letter, Error(Errc::unavailable, "the connection to " + name.value + " broke"));
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
    answer(letter, Error(Errc::unavailable, letter.to.value + " does not listen"));
    return;
  }
  trace_.note(describe(letter));
  auto& endpoint = found->second;
  const auto number = next_++;
  endpoint.working.emplace(number, letter);
  endpoint.runtime->spawn("serve", serve(*this, *endpoint.dispatcher, letter, number));
}

common::awaitable<void> Network::serve(Network& network, soap::Dispatcher& dispatcher,
                                       Letter letter, std::uint64_t number) {
  soap::Caller caller{letter.from, letter.role, letter.request_id};
  auto request = letter.request;
  auto reply =
      co_await dispatcher.deliver(*letter.operation, std::move(caller), std::move(request));
  if (auto at = network.endpoints_.find(letter.to); at != network.endpoints_.end())
    at->second.working.erase(number);
  network.answer(letter, std::move(reply));
}

void Network::answer(const Letter& letter, Result<Message> reply) {
  if (chance(weather.loss_permille) || is_blocked(letter.to, letter.from)) {
    trace_.note(describe(letter) + " answer lost");
    return;
  }
  if (!reply) reply = soap::error_of(soap::fault_of(reply.assume_error()));
  auto arrive = [call = letter.call, kept = std::make_shared<Result<Message>>(std::move(reply))] {
    if (call->reply) return;
    call->reply = *kept;
    call->wake.notify();
  };
  world_.call_at(world_.steady_now() + delay(), std::move(arrive));
}

Task<Message> NetworkChannel::exchange(const soap::Operation& operation, ServiceName to,
                                       Message request, soap::CallOptions options) {
  auto call = std::make_shared<Network::Call>();
  const auto until = runtime_.steady_now() + options.timeout;
  const auto what = std::string(operation.name) + " at " + to.value;
  network_.send(
      {self_, std::move(to), role_, &operation, options.request_id, std::move(request), call});
  while (!call->reply) {
    const auto left = until - runtime_.steady_now();
    if (left <= Duration::zero()) co_return Error(Errc::timed_out, what + ": no answer in time");
    if (runtime_.stopping()) co_return Error(Errc::cancelled, what + ": the daemon is stopping");
    co_await call->wake.wait(runtime_, left);
  }
  co_return *call->reply;
}

}  // namespace angophora::sim
