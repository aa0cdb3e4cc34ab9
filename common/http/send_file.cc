// How a piece of a file gets onto a connection: by sendfile where it is plain, by copies where it
// is TLS. Bytes that are not in the page cache are fetched on the pool, never on the I/O thread.
#include <fcntl.h>
#include <sys/sendfile.h>
#include <sys/uio.h>
#include <unistd.h>

#include <cstring>

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/use_awaitable.hpp>

#include "common/http/connection.h"

namespace angophora::http {
namespace {

namespace asio = boost::asio;
using common::Duration;
using common::Errc;
using common::Error;
using common::ok;

constexpr std::size_t kStepBytes = 512 * 1024;  // sent before other connections get a turn
constexpr std::size_t kCopyBytes = 256 * 1024;

Error too_short() { return Error(Errc::corrupt, "the file ends before the piece to send"); }

// Whether the last byte of a step is in memory; the kernel reads ahead in order, so the rest is
// then, too. Files that cannot tell (tmpfs) live in memory.
bool is_cached(int fd, std::uint64_t last) {
  char byte = 0;
  iovec piece{&byte, 1};
  const auto count = ::preadv2(fd, &piece, 1, static_cast<off_t>(last), RWF_NOWAIT);
  return count >= 0 || errno != EAGAIN;
}

// Blocks until the bytes are in memory.
Result<> fetch(std::shared_ptr<const int> fd, std::uint64_t offset, std::size_t length) {
  thread_local std::string scratch(64 * 1024, '\0');
  ::posix_fadvise(*fd, static_cast<off_t>(offset), static_cast<off_t>(4 * kStepBytes),
                  POSIX_FADV_WILLNEED);
  while (length > 0) {
    const auto count =
        ::pread(*fd, scratch.data(), std::min(length, scratch.size()), static_cast<off_t>(offset));
    if (count < 0) return common::errno_error(errno, "reading a file to send");
    if (count == 0) return too_short();
    offset += static_cast<std::uint64_t>(count);
    length -= static_cast<std::size_t>(count);
  }
  return ok();
}

Result<std::size_t> read_piece(int fd, char* into, std::size_t length, std::uint64_t offset) {
  for (;;) {
    const auto count = ::pread(fd, into, length, static_cast<off_t>(offset));
    if (count > 0) return static_cast<std::size_t>(count);
    if (count == 0) return too_short();
    if (errno != EINTR) return common::errno_error(errno, "reading a file to send");
  }
}

}  // namespace

Task<> Connection::send_file(FileRange range, Duration progress) {
  if (tls_) co_return co_await send_file_copied(std::move(range), progress);
  co_return co_await send_file_plain(std::move(range), progress);
}

Task<> Connection::send_file_plain(FileRange range, Duration progress) {
  boost::system::error_code ignored;
  socket_.native_non_blocking(true, ignored);
  off_t at = static_cast<off_t>(range.offset);
  const off_t end = at + static_cast<off_t>(range.length);
  while (at < end) {
    expire_never();
    const auto step = std::min<std::size_t>(static_cast<std::size_t>(end - at), kStepBytes);
    if (!is_cached(*range.fd, static_cast<std::uint64_t>(at) + step - 1)) {
      auto job = [fd = range.fd, offset = static_cast<std::uint64_t>(at), step] {
        return fetch(fd, offset, step);
      };
      CO_TRY_VOID(co_await runtime_.run_blocking(std::move(job)));
    }
    const off_t step_end = at + static_cast<off_t>(step);
    while (at < step_end) {
      if (timed_out_ || aborted_) co_return failure({}, "sending a file");
      const auto count = ::sendfile(socket_.native_handle(), *range.fd, &at,
                                    static_cast<std::size_t>(step_end - at));
      if (count > 0) continue;
      if (count == 0) co_return too_short();
      if (errno == EINTR) continue;
      if (errno != EAGAIN)
        co_return Error(Errc::unavailable, std::string("sending a file: ") + std::strerror(errno));
      expire_after(progress);
      auto [error] = co_await socket_.async_wait(Socket::wait_write, kToken);
      if (error) co_return failure(error, "sending a file");
    }
    co_await asio::post(socket_.get_executor(), asio::use_awaitable);
  }
  co_return ok();
}

Task<> Connection::send_file_copied(FileRange range, Duration progress) {
  auto piece = std::make_shared<std::string>();
  piece->resize(std::min<std::uint64_t>(range.length, kCopyBytes));
  while (range.length > 0) {
    const auto step = std::min<std::uint64_t>(range.length, piece->size());
    std::size_t count = 0;
    if (is_cached(*range.fd, range.offset + step - 1)) {
      CO_TRY(count, read_piece(*range.fd, piece->data(), step, range.offset));
    } else {
      auto job = [fd = range.fd, piece, step, offset = range.offset] {
        return read_piece(*fd, piece->data(), step, offset);
      };
      CO_TRY(count, co_await runtime_.run_blocking(std::move(job)));
    }
    const std::string_view bytes(piece->data(), count);
    CO_TRY_VOID(co_await write_tls(bytes, progress));
    range.offset += count;
    range.length -= count;
  }
  co_return ok();
}

}  // namespace angophora::http
