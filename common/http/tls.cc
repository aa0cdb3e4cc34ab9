#include "common/http/tls.h"

#include <openssl/evp.h>
#include <openssl/x509.h>

#include <boost/asio/buffer.hpp>

namespace angophora::http {
namespace {

namespace ssl = boost::asio::ssl;
using common::Errc;
using common::Error;
using common::ok;

int accept_any(X509_STORE_CTX*, void*) { return 1; }

Result<> use_identity(ssl::context& context, const TlsIdentity& identity) {
  boost::system::error_code error;
  context.use_certificate_chain(boost::asio::buffer(identity.certificate_pem), error);
  if (error) return Error(Errc::invalid_argument, "the TLS certificate: " + error.message());
  context.use_private_key(boost::asio::buffer(identity.private_key_pem), ssl::context::pem, error);
  if (error) return Error(Errc::invalid_argument, "the TLS private key: " + error.message());
  if (SSL_CTX_check_private_key(context.native_handle()) != 1)
    return Error(Errc::invalid_argument, "the TLS private key does not fit its certificate");
  return ok();
}

void set_common_options(SSL_CTX* context) {
  SSL_CTX_set_min_proto_version(context, TLS1_2_VERSION);
  SSL_CTX_set_options(context, SSL_OP_NO_RENEGOTIATION | SSL_OP_NO_COMPRESSION);
  // Idle connections give their buffers back.
  SSL_CTX_set_mode(context, SSL_MODE_RELEASE_BUFFERS);
  SSL_CTX_set_cert_verify_callback(context, accept_any, nullptr);
}

}  // namespace

Result<TlsContext> server_tls_context(const TlsIdentity& identity, bool want_client_certificate) {
  auto context = std::make_shared<ssl::context>(ssl::context::tls_server);
  SSL_CTX* native = context->native_handle();
  set_common_options(native);
  TRY_VOID(use_identity(*context, identity));
  if (want_client_certificate) {
    SSL_CTX_set_verify(native, SSL_VERIFY_PEER, nullptr);
    // Each connection shows its certificate afresh: a peer that was struck off must not come back
    // on a ticket.
    SSL_CTX_set_session_cache_mode(native, SSL_SESS_CACHE_OFF);
    SSL_CTX_set_options(native, SSL_OP_NO_TICKET);
    SSL_CTX_set_num_tickets(native, 0);
  } else {
    static constexpr unsigned char kSessions[] = "angophora";
    SSL_CTX_set_session_id_context(native, kSessions, sizeof kSessions - 1);
  }
  return context;
}

Result<TlsContext> client_tls_context(const std::optional<TlsIdentity>& identity,
                                      const std::optional<std::string>& trust_file) {
  auto context = std::make_shared<ssl::context>(ssl::context::tls_client);
  set_common_options(context->native_handle());
  if (identity) {
    TRY_VOID(use_identity(*context, *identity));
  }
  if (trust_file) {
    SSL_CTX* native = context->native_handle();
    SSL_CTX_set_cert_verify_callback(native, nullptr, nullptr);
    SSL_CTX_set_verify(native, SSL_VERIFY_PEER, nullptr);
    const bool loaded = trust_file->empty()
                            ? SSL_CTX_set_default_verify_paths(native) == 1
                            : SSL_CTX_load_verify_file(native, trust_file->c_str()) == 1;
    if (!loaded)
      return Error(Errc::invalid_argument, "no certificates could be read from " + *trust_file);
  }
  return context;
}

std::string peer_certificate_der(SSL* ssl) {
  const X509* certificate = SSL_get0_peer_certificate(ssl);
  if (!certificate) return {};
  unsigned char* der = nullptr;
  const int size = i2d_X509(certificate, &der);
  if (size <= 0) return {};
  std::string bytes(reinterpret_cast<const char*>(der), static_cast<std::size_t>(size));
  OPENSSL_free(der);
  return bytes;
}

std::string sha256(std::string_view bytes) {
  unsigned char digest[EVP_MAX_MD_SIZE];
  unsigned int size = 0;
  EVP_Digest(bytes.data(), bytes.size(), digest, &size, EVP_sha256(), nullptr);
  return {reinterpret_cast<const char*>(digest), size};
}

}  // namespace angophora::http
