using System.Reflection;
using System.Text.RegularExpressions;
using Broker.Contracts;
using Broker.Pool;

namespace Broker.Tests.Architecture;

public sealed partial class When_one_project_refers_to_another
{
    private static readonly Assembly Contracts = typeof(KindName).Assembly;
    private static readonly Assembly Infra = typeof(JobPool).Assembly;

    public static TheoryData<string, string[]> Allowed => new()
    {
        { "Broker.Contracts", [] },
        { "Broker.Client", ["Broker.Contracts"] },
        { "Broker.DistributedLock", ["Broker.Client"] },
        { "Broker.Hosting", ["Broker.Client", "Broker.Contracts"] },
        { "Broker.Logging", ["Broker.Contracts"] },
        { "Broker.CommandLine", ["Broker.Client", "Broker.Contracts", "Broker.Logging"] },
        { "producer", ["Broker.Client", "Broker.CommandLine", "Broker.Contracts", "Broker.Logging"] },
        { "consumer", ["Broker.Client", "Broker.CommandLine", "Broker.Contracts", "Broker.Hosting", "Broker.Logging"] },
    };

    [Theory]
    [MemberData(nameof(Allowed))]
    public void It_is_only_downwards(string name, string[] allowed)
    {
        var assembly = Assembly.Load(name);
        Assert.NotEmpty(assembly.GetTypes());
        var ours = assembly.GetReferencedAssemblies().Select(reference => reference.Name!).Where(reference => reference.StartsWith("Broker.", StringComparison.Ordinal) || reference is "producer" or "consumer").Order();
        Assert.Equal(allowed, ours);
    }

    [Theory]
    [InlineData("contracts/Broker.Contracts.csproj")]
    [InlineData("infra/Client/Broker.Client.csproj", "../../contracts/Broker.Contracts.csproj")]
    [InlineData("infra/DistributedLock/Broker.DistributedLock.csproj", "../Client/Broker.Client.csproj")]
    [InlineData("infra/Hosting/Broker.Hosting.csproj", "../Client/Broker.Client.csproj")]
    [InlineData("infra/Logging/Broker.Logging.csproj", "../../contracts/Broker.Contracts.csproj")]
    [InlineData("infra/CommandLine/Broker.CommandLine.csproj", "../Client/Broker.Client.csproj", "../Logging/Broker.Logging.csproj")]
    [InlineData("producer/Broker.Producer.csproj", "../infra/CommandLine/Broker.CommandLine.csproj")]
    [InlineData("consumer/Broker.Consumer.csproj", "../infra/CommandLine/Broker.CommandLine.csproj", "../infra/Hosting/Broker.Hosting.csproj")]
    public void The_project_files_say_so_too(string project, params string[] references) =>
        Assert.Equal(references, ProjectReference().Matches(Repository.Read(project)).Select(match => match.Groups["project"].Value));

    [Fact]
    public void The_contracts_need_logging_abstractions_and_no_other_package() =>
        Assert.Equal(["Microsoft.Extensions.Logging.Abstractions"], PackageReference().Matches(Repository.Read("contracts/Broker.Contracts.csproj")).Select(match => match.Groups["package"].Value));

    [Fact]
    public void The_producer_and_the_consumer_talk_by_the_broker_and_by_nothing_else()
    {
        // HTTP is spoken to whoever asks for health, on the consumer's side alone, to Elasticsearch, which has the logs and no job, and to RabbitMQ's management
        // plugin, which is only asked. TLS to the broker is spoken once more where it has ended a connection without a word.
        string[] speakers = ["consumer/Health/HealthEndpoint.cs", "infra/Client/Connection/TlsAlert.cs", "infra/Logging/Elasticsearch/ElasticsearchClient.cs", "producer/Cli/Management/ManagementApi.cs"];
        Assert.Equal(speakers, Repository.Product.Where(file => Network().IsMatch(Repository.Read(file))).Order(StringComparer.Ordinal));
    }

    [Fact]
    public void What_is_public_in_the_programs_is_nothing()
    {
        foreach (var program in new[] { Assembly.Load("consumer"), Assembly.Load("producer") })
        {
            Assert.NotEmpty(program.GetTypes());
            Assert.DoesNotContain(program.GetExportedTypes(), type => type.Name != "Program");
        }
    }

    [Fact]
    public void What_a_handlers_author_needs_is_in_the_contracts_alone()
    {
        foreach (var type in new[] { typeof(IJob<>), typeof(IJobHandler<,>), typeof(JobContext), typeof(JobRejectedException) })
            Assert.Same(Contracts, type.Assembly);
        Assert.DoesNotContain(Contracts.GetReferencedAssemblies(), reference => reference.Name == Infra.GetName().Name);
    }

    [GeneratedRegex("<PackageReference Include=\"(?<package>[^\"]+)\"", RegexOptions.ExplicitCapture, matchTimeoutMilliseconds: 1000)]
    private static partial Regex PackageReference();

    [GeneratedRegex("<ProjectReference Include=\"(?<project>[^\"]+)\"", RegexOptions.ExplicitCapture, matchTimeoutMilliseconds: 1000)]
    private static partial Regex ProjectReference();

    [GeneratedRegex(@"\b(HttpClient|HttpListener|WebApplication|TcpClient|TcpListener|UdpClient|NamedPipe\w+|MemoryMappedFile)\b", RegexOptions.ExplicitCapture, matchTimeoutMilliseconds: 1000)]
    private static partial Regex Network();
}
