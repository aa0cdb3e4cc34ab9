#include "common/http/testing.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/x509.h>
#include <openssl/x509v3.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <boost/asio/post.hpp>
#include <future>
#include <thread>

#include "common/http/tls.h"

namespace angophora::http::testing {
namespace {

constexpr int kPatienceMs = 10000;

template <class Write>
std::string pem_of(Write write) {
  BIO* bio = BIO_new(BIO_s_mem());
  write(bio);
  char* bytes = nullptr;
  const long size = BIO_get_mem_data(bio, &bytes);
  std::string text(bytes, static_cast<std::size_t>(size));
  BIO_free(bio);
  return text;
}

}  // namespace

TlsIdentity make_identity() {
  EVP_PKEY* key = EVP_EC_gen("P-256");
  X509* certificate = X509_new();
  X509_gmtime_adj(X509_getm_notBefore(certificate), -60);
  X509_gmtime_adj(X509_getm_notAfter(certificate), 3600);
  X509_NAME_add_entry_by_txt(X509_get_subject_name(certificate), "CN", MBSTRING_ASC,
                             reinterpret_cast<const unsigned char*>("test"), -1, -1, 0);
  X509_set_issuer_name(certificate, X509_get_subject_name(certificate));
  X509_set_pubkey(certificate, key);
  X509_EXTENSION* names =
      X509V3_EXT_conf_nid(nullptr, nullptr, NID_subject_alt_name, "IP:127.0.0.1");
  X509_add_ext(certificate, names, -1);
  X509_EXTENSION_free(names);
  X509_sign(certificate, key, EVP_sha256());
  TlsIdentity identity;
  identity.certificate_pem = pem_of([&](BIO* b) { PEM_write_bio_X509(b, certificate); });
  identity.private_key_pem = pem_of(
      [&](BIO* b) { PEM_write_bio_PrivateKey(b, key, nullptr, nullptr, 0, nullptr, nullptr); });
  X509_free(certificate);
  EVP_PKEY_free(key);
  return identity;
}

std::string sha256_of_certificate(const TlsIdentity& identity) {
  BIO* bio = BIO_new_mem_buf(identity.certificate_pem.data(),
                             static_cast<int>(identity.certificate_pem.size()));
  X509* certificate = PEM_read_bio_X509(bio, nullptr, nullptr, nullptr);
  unsigned char digest[32];
  unsigned int size = 0;
  X509_digest(certificate, EVP_sha256(), digest, &size);
  X509_free(certificate);
  BIO_free(bio);
  return {reinterpret_cast<char*>(digest), size};
}

RawPeer::RawPeer(std::uint16_t port) : fd_(::socket(AF_INET, SOCK_STREAM, 0)) {
  sockaddr_in to{};
  to.sin_family = AF_INET;
  to.sin_port = htons(port);
  to.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  EXPECT_EQ(::connect(fd_, reinterpret_cast<sockaddr*>(&to), sizeof to), 0);
}

RawPeer::~RawPeer() { close(); }

void RawPeer::close() {
  if (fd_ >= 0) ::close(fd_);
  fd_ = -1;
}

void RawPeer::send(std::string_view bytes) {
  while (!bytes.empty()) {
    const auto count = ::send(fd_, bytes.data(), bytes.size(), MSG_NOSIGNAL);
    if (count <= 0) return;
    bytes.remove_prefix(static_cast<std::size_t>(count));
  }
}

std::string RawPeer::receive(std::string_view until) {
  std::string all;
  char piece[16384];
  for (;;) {
    if (!until.empty() && all.find(until) != std::string::npos) return all;
    pollfd wait{fd_, POLLIN, 0};
    if (::poll(&wait, 1, kPatienceMs) != 1) return all + "<nothing more came>";
    const auto count = ::recv(fd_, piece, sizeof piece, 0);
    if (count <= 0) return all;
    all.append(piece, static_cast<std::size_t>(count));
  }
}

bool RawPeer::closed() { return receive().empty(); }

struct ServerTest::Loop {
  std::thread thread;
};

ServerTest::ServerTest() : loop_(std::make_unique<Loop>()) {
  loop_->thread = std::thread([this] { runtime_.run(); });
}

// A test may have stopped the loop itself, so nothing is asked of it any more.
ServerTest::~ServerTest() {
  runtime_.stop();
  loop_->thread.join();
}

void ServerTest::serve(Handler handler, ServerOptions options) {
  on_loop([&] {
    auto server = Server::listen(runtime_, std::move(options), std::move(handler));
    ASSERT_TRUE(server) << server.error().message;
    server_ = std::move(server).value();
  });
}

void ServerTest::on_loop(std::function<void()> f) {
  std::promise<void> done;
  boost::asio::post(runtime_.executor(), [&] {
    f();
    done.set_value();
  });
  done.get_future().wait();
}

void ServerTest::run(std::function<awaitable<void>(Runtime&)> body) {
  std::promise<void> done;
  auto wrapper = [](RealRuntime& r, std::function<awaitable<void>(Runtime&)> b,
                    std::promise<void>& d) -> awaitable<void> {
    co_await b(r);
    d.set_value();
  };
  on_loop([&] { runtime_.spawn("test", wrapper(runtime_, body, done)); });
  done.get_future().wait();
}

Url ServerTest::url(std::string target, bool tls) const {
  Url result;
  result.tls = tls;
  result.host = "127.0.0.1";
  result.port = port();
  result.target = std::move(target);
  return result;
}

Result<ServerTest::Answer> ServerTest::call(ClientRequest request, ClientOptions options) {
  if (!client_) on_loop([&] { client_ = std::make_unique<Client>(runtime_, std::move(options)); });
  Result<Answer> result = Error(Errc::internal, "never ran");
  auto body = [](Client& client, ClientRequest r, Result<Answer>& out) -> awaitable<void> {
    auto response = co_await client.send(std::move(r));
    if (!response) {
      out = response.error();
      co_return;
    }
    Answer answer;
    answer.status = response.value().status;
    answer.headers = response.value().headers;
    answer.peer_certificate_der = response.value().peer_certificate_der;
    auto text = co_await response.value().body->read_all(1 << 30);
    if (!text) {
      out = text.error();
      co_return;
    }
    answer.body = std::move(text).value();
    out = std::move(answer);
  };
  run([&](Runtime&) { return body(*client_, request, result); });
  return result;
}

Result<ServerTest::Answer> ServerTest::get(std::string target) {
  ClientRequest request;
  request.url = url(std::move(target));
  return call(std::move(request));
}

std::string ServerTest::raw(std::string_view bytes) {
  RawPeer peer(port());
  peer.send(bytes);
  return peer.receive();
}

Handler answering(std::string text) {
  auto handle = [](std::string body) -> awaitable<Response> {
    Response response;
    response.body = std::move(body);
    co_return response;
  };
  return [handle, text](Request&) { return handle(text); };
}

}  // namespace angophora::http::testing
