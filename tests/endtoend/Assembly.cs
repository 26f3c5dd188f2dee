using Broker.Tests.Support;

[assembly: AssemblyFixture(typeof(SharedBroker))]
