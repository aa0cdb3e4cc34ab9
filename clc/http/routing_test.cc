#include "clc/http/routing.h"

#include <gtest/gtest.h>

namespace angophora::clc {
namespace {

RoutingInput query(std::string path, std::string action, std::string version = "2016-11-15",
                   std::string scope = "ec2") {
  RoutingInput in;
  in.method = "POST";
  in.path = std::move(path);
  in.host = "127.0.0.1:8773";
  in.action = std::move(action);
  in.version = std::move(version);
  in.scope_service = std::move(scope);
  return in;
}

TEST(Routing, TakesEveryPathOfEc2WithAndWithoutASlash) {
  for (const auto* path : {"/", "", "/services/compute", "/services/compute/",
                           "/services/Eucalyptus", "/services/Eucalyptus/", "/services/"}) {
    const auto r = route(query(path, "DescribeRegions"));
    ASSERT_EQ(r.kind, RouteKind::action) << path;
    EXPECT_STREQ(r.action->name, "DescribeRegions");
    EXPECT_EQ(r.api, Api::ec2);
  }
}

TEST(Routing, FindsAnActionOfAnotherServiceAtAnyPath) {
  const auto at_ec2 = route(query("/services/compute", "GetCallerIdentity", "2011-06-15", "sts"));
  EXPECT_EQ(at_ec2.kind, RouteKind::action);
  EXPECT_EQ(at_ec2.api, Api::sts);
  const auto at_root = route(query("/", "GetCallerIdentity", "2011-06-15", "127"));
  EXPECT_EQ(at_root.api, Api::sts);
}

TEST(Routing, GoesByTheHostNameWhenThePathTellsNothing) {
  auto in = query("/", "Nonsense", "", "");
  in.host = "sts.cloud.example:8773";
  EXPECT_EQ(route(in).kind, RouteKind::unknown_action);
  EXPECT_EQ(route(in).api, Api::sts);
}

TEST(Routing, PrefersTheServiceThatTheVersionNames) {
  const auto bootstrap = route(query("/", "DescribeServices", "eucalyptus", "bootstrap"));
  EXPECT_EQ(bootstrap.api, Api::bootstrap);
}

TEST(Routing, AnswersUnknownActionsInTheEnvelopeOfTheirService) {
  EXPECT_EQ(route(query("/", "Nonsense")).api, Api::ec2);
  EXPECT_EQ(route(query("/services/Euare", "Nonsense", "", "")).api, Api::iam);
  EXPECT_EQ(route(query("/", "Nonsense", "2010-05-08", "127")).api, Api::iam);
  EXPECT_EQ(route(query("/", "")).kind, RouteKind::missing_action);
}

TEST(Routing, NamesServicesThatAreNotOffered) {
  const auto r = route(query("/services/AutoScaling", "DescribePolicies", "2011-01-01", "x"));
  EXPECT_EQ(r.kind, RouteKind::other_service);
  EXPECT_EQ(r.service, "autoscaling");
  auto json = query("/", "", "", "monitoring");
  json.is_json = true;
  EXPECT_EQ(route(json).kind, RouteKind::other_service);
}

TEST(Routing, KnowsARequestForS3) {
  auto put = query("/bucket/key", "", "", "s3");
  put.method = "PUT";
  EXPECT_EQ(route(put).kind, RouteKind::s3);
  auto v2 = query("/bucket", "", "", "");
  v2.authorization = "AWS AKIAEXAMPLE:c2lnbmF0dXJl";
  EXPECT_EQ(route(v2).kind, RouteKind::s3);
  EXPECT_EQ(route(query("/services/objectstorage", "", "", "")).kind, RouteKind::s3);
  EXPECT_EQ(route(query("/services/objectstorage/bucket", "", "", "")).kind, RouteKind::s3);
}

TEST(Routing, KeepsVmEc2OutOfS3ThoughItsScopeSaysSo) {
  EXPECT_EQ(route(query("/", "DescribeRegions", "2014-05-01", "s3")).kind, RouteKind::action);
}

TEST(Routing, RefusesUnknownPaths) {
  EXPECT_EQ(route(query("/nowhere", "DescribeRegions")).kind, RouteKind::unknown_path);
  EXPECT_EQ(route(query("/services/nowhere", "DescribeRegions")).kind, RouteKind::unknown_path);
}

}  // namespace
}  // namespace angophora::clc
