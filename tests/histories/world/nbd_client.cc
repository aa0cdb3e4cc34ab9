#include "tests/histories/world/nbd_client.h"

#include <boost/asio/read.hpp>
#include <boost/asio/redirect_error.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/asio/write.hpp>

#include "tests/histories/model/block.h"

namespace angophora::histories {
namespace {

using common::Errc;
namespace asio = boost::asio;

constexpr std::uint64_t kServerMagic = 0x4e42444d41474943, kOptionMagic = 0x49484156454f5054,
                        kOptionReplyMagic = 0x0003e889045565a9;
constexpr std::uint32_t kRequestMagic = 0x25609513, kReplyMagic = 0x67446698;
constexpr std::uint32_t kFixedNewstyleNoZeroes = 3, kOptionGo = 7, kReplyAck = 1,
                        kReplyErrorBit = 1U << 31;

void put(std::string& to, std::uint64_t number, int bytes) {
  for (int i = bytes - 1; i >= 0; --i) to.push_back(static_cast<char>(number >> (8 * i)));
}

std::uint64_t get(const std::string& from, std::size_t at, std::size_t bytes) {
  std::uint64_t number = 0;
  for (const char c : from.substr(at, bytes)) number = number << 8 | static_cast<unsigned char>(c);
  return number;
}

Error broken(const std::string& why) { return {Errc::unavailable, "the NBD connection: " + why}; }

}  // namespace

Task<std::string> NbdClient::receive(std::size_t count) {
  std::string bytes(count, '\0');
  boost::system::error_code failure;
  const auto buffer = asio::buffer(bytes);
  auto token = asio::redirect_error(asio::use_awaitable, failure);
  co_await asio::async_read(socket_, buffer, token);
  if (failure) co_return broken(failure.message());
  co_return bytes;
}

Task<> NbdClient::send(std::string bytes) {
  boost::system::error_code failure;
  const auto buffer = asio::buffer(bytes);
  auto token = asio::redirect_error(asio::use_awaitable, failure);
  co_await asio::async_write(socket_, buffer, token);
  if (failure) co_return broken(failure.message());
  co_return common::ok();
}

Task<std::unique_ptr<NbdClient>> NbdClient::connect(Runtime& runtime, std::string socket,
                                                    std::string name) {
  const auto executor = runtime.executor();
  Socket connection(executor);
  boost::system::error_code failure;
  const asio::local::stream_protocol::endpoint at(socket);
  auto token = asio::redirect_error(asio::use_awaitable, failure);
  co_await connection.async_connect(at, token);
  if (failure) co_return broken(failure.message());
  std::unique_ptr<NbdClient> client(new NbdClient(std::move(connection)));
  CO_TRY_VOID(co_await client->open_export(std::move(name)));
  co_return client;
}

Task<> NbdClient::open_export(std::string name) {
  CO_TRY(const auto hello, co_await receive(18));
  if (get(hello, 0, 8) != kServerMagic || get(hello, 8, 8) != kOptionMagic)
    co_return broken("no NBD server");
  std::string wish;
  put(wish, kFixedNewstyleNoZeroes, 4);
  put(wish, kOptionMagic, 8);
  put(wish, kOptionGo, 4);
  put(wish, 4 + name.size() + 2, 4);
  put(wish, name.size(), 4);
  wish += name;
  put(wish, 0, 2);
  CO_TRY_VOID(co_await send(std::move(wish)));
  for (;;) {
    CO_TRY(const auto head, co_await receive(20));
    const auto type = static_cast<std::uint32_t>(get(head, 12, 4));
    const auto length = get(head, 16, 4);
    if (get(head, 0, 8) != kOptionReplyMagic) co_return broken("no answer to an option");
    CO_TRY(const auto ignored, co_await receive(length));
    if (type & kReplyErrorBit) co_return broken("the export is refused: " + ignored);
    if (type == kReplyAck) co_return common::ok();
  }
}

Task<> NbdClient::run(std::vector<IoRequest>& requests) {
  std::string all;
  std::size_t open = 0;
  for (std::size_t i = 0; i < requests.size(); ++i) {
    const auto& request = requests[i];
    if (request.answered) continue;
    ++open;
    put(all, kRequestMagic, 4);
    put(all, 0, 2);
    put(all, request.is_write ? 1 : 0, 2);
    put(all, i, 8);
    put(all, request.offset, 8);
    put(all, kBlockBytes, 4);
    if (request.is_write) all += request.bytes;
  }
  CO_TRY_VOID(co_await send(std::move(all)));
  for (; open > 0; --open) {
    CO_TRY(const auto head, co_await receive(16));
    const auto i = get(head, 8, 8);
    if (get(head, 0, 4) != kReplyMagic || i >= requests.size() || requests[i].answered)
      co_return broken("an answer that nobody asked for");
    requests[i].error = static_cast<std::uint32_t>(get(head, 4, 4));
    if (!requests[i].is_write && requests[i].error == 0) {
      CO_TRY(requests[i].bytes, co_await receive(kBlockBytes));
    }
    requests[i].answered = true;
  }
  co_return common::ok();
}

}  // namespace angophora::histories
