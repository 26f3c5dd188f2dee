using System.Security.Cryptography.X509Certificates;
using Broker.Connection;
using Broker.Pool;
using Broker.Tests.Support;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;

namespace Broker.Tests.Integration.Hosting;

public sealed class When_the_broker_speaks_TLS : IDisposable
{
    private readonly TestAuthority _authority = new();
    private readonly X509Certificate2 _certificate;
    private readonly BrokerFront _front;

    public When_the_broker_speaks_TLS()
    {
        _certificate = _authority.Issue("127.0.0.1");
        _front = new BrokerFront(_certificate);
    }

    public void Dispose()
    {
        _front.Dispose();
        _certificate.Dispose();
        _authority.Dispose();
    }

    [Fact]
    public async Task A_service_trusts_the_authority_that_it_is_given()
    {
        // Its jobs and their outcomes travel by the bus, over TLS like everything else.
        var builder = Host.CreateEmptyApplicationBuilder(new HostApplicationBuilderSettings());
        builder.Services.AddBroker(options => (options.Url, options.Ca) = (_front.Url, _authority.Certificate.ExportCertificatePem()));
        builder.Services.AddBrokerConsumer().AddHandler<EchoHandler>();
        using var host = builder.Build();
        await host.StartAsync();
        Assert.Equal(7, await host.Services.GetRequiredService<IJobPool>().CallAsync(new Echo(7)).WaitAsync(RunningProgram.DefaultTimeout));
        await host.StopAsync();
        await QueueProbe.DeleteKindsAsync(TestBroker.Require(), [Echo.Kind]);
    }

    [Fact]
    public async Task A_pool_reads_the_authority_from_a_file()
    {
        using var folder = new TestFolder();
        await using var pool = await JobPool.ConnectAsync(_front.Url, new BrokerOptions { Ca = folder.Write("ca.pem", _authority.Certificate.ExportCertificatePem()) });
        await pool.CloseAsync();
    }

    [Fact]
    public async Task Without_it_the_authority_is_named()
    {
        var error = await Assert.ThrowsAsync<BrokerUnavailableException>(() => JobPool.ConnectAsync(_front.Url));
        Assert.Contains("not trusted (issued by 'CN=Test authority'", error.Message, StringComparison.Ordinal);
        Assert.False(error.CanRetry);
    }
}
