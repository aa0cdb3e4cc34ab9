#include "walrus/objects/intake.h"

#include <algorithm>

#include "walrus/domain/s3_errors.h"

namespace angophora::walrus {
namespace {

constexpr std::size_t kBufferBytes = 256 * 1024;
constexpr std::size_t kBufferBytesLeast = 4 * 1024;

// Work on the pool that the I/O thread does not wait for at once.
class Ahead {
 public:
  explicit Ahead(common::Runtime& runtime) : runtime_(runtime) {}

  // One piece of work at a time: wait() first.
  void start(std::function<Result<>()> work) {
    state_ = std::make_shared<State>();
    const auto run = [state = state_, work = std::move(work)] { state->result = work(); };
    const auto done = [state = state_] {
      state->done = true;
      if (state->resume) std::exchange(state->resume, nullptr)();
    };
    if (runtime_.post_blocking(run, done)) return;
    state_->result = Error(S3Errc::slow_down, "Please reduce your request rate.");
    state_->done = true;
  }

  // The result of the work; success when none was started.
  Task<> wait() {
    const auto state = std::exchange(state_, nullptr);
    if (!state) co_return common::ok();
    if (!state->done) {
      std::function<void(std::function<void()>)> park = [state](std::function<void()> resume) {
        state->resume = std::move(resume);
      };
      co_await common::detail::suspend(runtime_, std::move(park));
    }
    co_return std::move(state->result);
  }

 private:
  struct State {
    Result<> result = common::ok();
    bool done = false;
    std::function<void()> resume;
  };
  common::Runtime& runtime_;
  std::shared_ptr<State> state_;
};

// Fills `into` from its start; fewer bytes than its size mean the end of the body.
Task<std::size_t> fill(http::BodyReader& body, std::string& into) {
  std::size_t filled = 0;
  while (filled < into.size()) {
    const auto room = std::span<char>(into).subspan(filled);
    const auto count = co_await body.read(room);
    if (!count) {
      // A reader that judges the body itself says what is wrong with it.
      if (count.error().code.category() == make_error_code(S3Errc::none).category())
        co_return count.error();
      if (count.error().code == common::Errc::timed_out)
        co_return Error(S3Errc::request_timeout,
                        "Your socket connection to the server was not read from or written to "
                        "within the timeout period. Idle connections will be closed.");
      co_return Error(S3Errc::incomplete_body,
                      "The request body terminated unexpectedly: " + count.error().message);
    }
    if (count.value() == 0) break;
    filled += count.value();
  }
  co_return filled;
}

std::size_t buffer_bytes(const http::BodyReader& body) {
  const auto length = body.length();
  if (!length) return kBufferBytes;
  // One byte more than the body, so that its end is seen in the same pass.
  return std::clamp<std::uint64_t>(*length + 1, kBufferBytesLeast, kBufferBytes);
}

// Destroys the sink where the unlinking of its draft may block.
common::awaitable<void> drop(common::Runtime& runtime, std::shared_ptr<UploadSink> sink) {
  auto work = [last = std::move(sink)]() mutable -> Result<> {
    last.reset();
    return common::ok();
  };
  const auto dropped = co_await runtime.run_blocking(std::move(work));
  (void)dropped;
}

Task<ReceivedBody> receive(common::Runtime& runtime, http::BodyReader& body,
                           std::shared_ptr<UploadSink> sink) {
  Ahead ahead(runtime);
  // Shared with the pool, which may outlive this coroutine.
  auto filling = std::make_shared<std::string>(buffer_bytes(body), '\0');
  auto working = std::make_shared<std::string>();
  for (;;) {
    const auto filled = co_await fill(body, *filling);
    CO_TRY_VOID(co_await ahead.wait());
    if (!filled) co_return filled.error();
    const std::size_t count = filled.value();
    if (count < filling->size()) {
      auto last = [sink, filling, count]() -> Result<ReceivedBody> {
        TRY_VOID(sink->take(std::string_view(*filling).substr(0, count)));
        return sink->finish();
      };
      co_return co_await runtime.run_blocking(std::move(last));
    }
    std::swap(filling, working);
    filling->resize(working->size());
    ahead.start([sink, working] { return sink->take(*working); });
  }
}

}  // namespace

Task<ReceivedBody> receive_body(common::Runtime& runtime, http::BodyReader& body,
                                std::shared_ptr<UploadSink> sink) {
  auto received = co_await receive(runtime, body, sink);
  co_await drop(runtime, std::move(sink));
  co_return received;
}

}  // namespace angophora::walrus
