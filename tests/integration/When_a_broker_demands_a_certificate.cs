using System.Security.Cryptography.X509Certificates;
using Broker.Connection;
using Broker.Pool;
using Broker.Tests.Support;

namespace Broker.Tests.Integration;

/// <summary>A RabbitMQ with <c>verify_peer</c> and <c>fail_if_no_peer_cert</c>.</summary>
public sealed class When_a_broker_demands_a_certificate : IAsyncLifetime
{
    private readonly TestAuthority _authority = new();
    private readonly TestFolder _folder = new();
    private readonly int _port = FreePort.Next();
    private PrivateBroker? _broker;
    private string _url = "";

    public async ValueTask InitializeAsync()
    {
        using var server = _authority.Issue("127.0.0.1");
        _broker = await PrivateBroker.StartAsync($$"""
            [{rabbit, [
              {ssl_listeners, [{"127.0.0.1", {{_port}}}]},
              {ssl_options, [
                {cacertfile, "{{_folder.Write("ca.pem", _authority.Certificate.ExportCertificatePem())}}"},
                {certfile, "{{_folder.Write("server.pem", server.ExportCertificatePem())}}"},
                {keyfile, "{{_folder.Write("server.key", KeyOf(server))}}"},
                {verify, verify_peer},
                {fail_if_no_peer_cert, true}]}]}].
            """);
        _url = new UriBuilder(_broker.Url) { Scheme = "amqps", Port = _port }.Uri.AbsoluteUri;
    }

    public async ValueTask DisposeAsync()
    {
        if (_broker is not null)
            await _broker.DisposeAsync();
        _folder.Dispose();
        _authority.Dispose();
    }

    [Fact]
    public async Task One_of_its_authority_opens_the_connection_and_the_bus_and_any_other_is_told()
    {
        using var ours = _authority.Issue("127.0.0.1");
        var environment = new Dictionary<string, string?>
        {
            ["BROKER_CA"] = Path.Combine(_folder.Path, "ca.pem"),
            ["BROKER_CERT"] = _folder.Write("client.pem", ours.ExportCertificatePem()),
            ["BROKER_KEY"] = _folder.Write("client.key", KeyOf(ours)),
        };
        // A supervisor's children have it from their supervisor.
        await using var fleet = await ConsumerFleet.StartAsync(new FleetPlan { Kinds = ["pair"], Url = _url, Environment = environment, Processes = 2 });
        var options = new BrokerOptions { Ca = environment["BROKER_CA"], Cert = environment["BROKER_CERT"], Key = environment["BROKER_KEY"] };
        await using var pool = await JobPool.ConnectAsync(_url, options);
        Assert.Equal("\"1/2\"", (await RawJobs.RunAsync(pool, fleet.Kind("pair"), ["[1,2]"]).WaitAsync(RunningProgram.DefaultTimeout))[0].ToString());

        var none = await Assert.ThrowsAsync<BrokerUnavailableException>(() => JobPool.ConnectAsync(_url, new BrokerOptions { Ca = options.Ca }));
        Assert.Contains("demands a certificate of ours, and none is given", none.Message, StringComparison.Ordinal);
        Assert.False(none.CanRetry);

        using var stranger = new TestAuthority();
        using var foreign = stranger.Issue("127.0.0.1");
        await RefusedAsync(foreign, "unknown ca");
        using var ended = _authority.Issue("127.0.0.1", end: DateTimeOffset.UtcNow.AddDays(-1));
        await RefusedAsync(ended, "certificate expired");

        await using var doctor = Programs.StartProducer(["doctor"], _url, new Dictionary<string, string?> { ["BROKER_CA"] = options.Ca });
        var end = await doctor.EndAsync();
        Assert.Equal(1, end.ExitCode);
        Assert.Contains("demands a certificate of ours, and none is given: set BROKER_CERT or --broker-cert", end.Output, StringComparison.Ordinal);
    }

    private static string KeyOf(X509Certificate2 certificate) => certificate.GetRSAPrivateKey()!.ExportPkcs8PrivateKeyPem();

    private async Task RefusedAsync(X509Certificate2 certificate, string reason)
    {
        var options = new BrokerOptions { Ca = _authority.Certificate.ExportCertificatePem(), Cert = certificate.ExportCertificatePem(), Key = KeyOf(certificate) };
        var error = await Assert.ThrowsAsync<BrokerUnavailableException>(() => JobPool.ConnectAsync(_url, options));
        Assert.Contains("refused our certificate ('CN=rabbit', issued by 'CN=Test authority'", error.Message, StringComparison.Ordinal);
        Assert.Contains(reason, error.Message, StringComparison.Ordinal);
        Assert.False(error.CanRetry);
    }
}
