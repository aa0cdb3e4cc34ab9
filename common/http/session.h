// One connection of the server: requests in, answers out, one after the other.
#pragma once

#include <memory>
#include <unordered_map>
#include <unordered_set>

#include "common/http/connection.h"
#include "common/http/head.h"
#include "common/http/message_body.h"
#include "common/http/server.h"

namespace angophora::http {

class Session;

// What the sessions of one server share.
struct ServerContext {
  ServerContext(common::Runtime& r, ServerOptions o, Handler h)
      : runtime(r), options(std::move(o)), handler(std::move(h)) {}

  common::Runtime& runtime;
  ServerOptions options;
  Handler handler;
  TlsContext tls;
  std::unordered_set<Session*> sessions;
  std::unordered_map<std::string, std::size_t> connections_of;  // by address
  bool draining = false;
  bool full = false;  // and said so in the log
};

class Session {
 public:
  Session(std::shared_ptr<ServerContext> context, Socket socket);
  ~Session();

  // Serves until either side ends.
  boost::asio::awaitable<void> run();
  // Answers 503 and ends: there are too many.
  boost::asio::awaitable<void> turn_away();
  // A request under way is the last one; an idle connection ends now.
  void drain();
  void abort() { connection_.abort(); }

 private:
  class Body;
  enum class Next { request, goodbye, nothing };

  boost::asio::awaitable<bool> open();
  boost::asio::awaitable<Next> serve_one();
  boost::asio::awaitable<Next> handle(Head head);
  Task<std::optional<std::size_t>> receive_head();
  boost::asio::awaitable<Response> call_handler(Request& request);
  boost::asio::awaitable<Next> refuse(Refusal refusal);
  // True when another request may follow.
  Task<bool> send(const Head& head, Response response, bool keep_alive);
  Task<> send_body(std::string head, Response response, std::optional<std::uint64_t> length,
                   bool chunked);
  Task<> send_source(std::string head, BodySource source, std::optional<std::uint64_t> length,
                     bool chunked);
  Task<> discard(MessageBody& body);

  std::shared_ptr<ServerContext> context_;
  Connection connection_;
  Peer peer_;
  bool busy_ = false;              // a request is under way, or its answer on the way out
  std::shared_ptr<void> promise_;  // keeps a stopping daemon up until then
};

}  // namespace angophora::http
