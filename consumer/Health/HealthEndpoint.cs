using System.Net;
using Broker.CommandLine;
using Broker.Logging.Export;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;

namespace Broker.Consumer.Health;

/// <summary>
/// Answers whoever runs this process: <c>/health/live</c> as long as it can answer at all, <c>/health/ready</c> when jobs can reach it, <c>/metrics</c>
/// for Prometheus.
/// A broker that is away is no reason to be killed, so live does not depend on it.
/// </summary>
internal static class HealthEndpoint
{
    public const int DefaultPort = 8080;

    /// <exception cref="UnavailableException">The port cannot be had.</exception>
    public static async Task<IAsyncDisposable> StartAsync(IPEndPoint address, Func<bool> isReady, TelemetryExport telemetry)
    {
        var builder = WebApplication.CreateEmptyBuilder(new WebApplicationOptions());
        builder.WebHost.UseKestrelCore().ConfigureKestrel(server => server.Listen(address));
        // Its own lifetime would take our signals for its own, and its log an error that is reported here for one more.
        builder.Services.AddSingleton<IHostLifetime, NoLifetime>();
        builder.Services.AddRoutingCore();
        var app = builder.Build();
        app.MapGet("/health/live", () => Results.Text("live\n"));
        app.MapGet("/health/ready", () => isReady() ? Results.Text("ready\n") : Results.Text("not ready\n", statusCode: StatusCodes.Status503ServiceUnavailable));
        app.MapPrometheusScrapingEndpoint("/metrics", telemetry.Metrics, configureBranchedPipeline: null, optionsName: null);
        try
        {
            await app.StartAsync();
            return app;
        }
        catch (Exception e) when (e is IOException or System.Net.Sockets.SocketException)
        {
            await app.DisposeAsync();
            throw new UnavailableException($"--health-port {address}: the port cannot be opened ({(e.InnerException ?? e).Message}); stop what uses it, or choose another", e);
        }
    }

    /// <summary>Asks the consumer on this machine; for container health checks, where there is no curl.</summary>
    public static async Task<bool> AskAsync(int port, CancellationToken cancellationToken)
    {
        using var client = new HttpClient { Timeout = TimeSpan.FromSeconds(3) };
        try
        {
            using var answer = await client.GetAsync(new Uri($"http://127.0.0.1:{port}/health/ready"), cancellationToken);
            return answer.IsSuccessStatusCode;
        }
        catch (Exception e) when (e is HttpRequestException or TaskCanceledException)
        {
            return false;
        }
    }

    private sealed class NoLifetime : IHostLifetime
    {
        public Task WaitForStartAsync(CancellationToken cancellationToken) => Task.CompletedTask;

        public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;
    }
}
