// TLS contexts: 1.2 and newer. Daemons pin each other's certificates, so any is accepted here
// unless a client says whom it trusts.
#pragma once

#include <boost/asio/ssl/context.hpp>
#include <memory>
#include <optional>
#include <string>

#include "common/http/server.h"

namespace angophora::http {

using TlsContext = std::shared_ptr<boost::asio::ssl::context>;

// Errc::invalid_argument when certificate or key cannot be read or do not belong together.
Result<TlsContext> server_tls_context(const TlsIdentity& identity, bool want_client_certificate);
// `trust_file`: see ClientOptions.
Result<TlsContext> client_tls_context(const std::optional<TlsIdentity>& identity,
                                      const std::optional<std::string>& trust_file);

// What the other side showed, as DER; empty when it showed none.
std::string peer_certificate_der(SSL* ssl);
std::string sha256(std::string_view bytes);

}  // namespace angophora::http
