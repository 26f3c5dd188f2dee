using Broker.Tests.Support;

namespace Broker.Tests.EndToEnd;

[CollectionDefinition(OwnBroker.Name)]
public sealed class OwnBrokerTests : ICollectionFixture<OwnBroker>;
