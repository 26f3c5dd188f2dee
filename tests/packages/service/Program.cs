using System.Diagnostics;
using Broker.Contracts;
using Broker.Pool;
using OpenTelemetry.Metrics;
using OpenTelemetry.Trace;

var spans = new List<Activity>();
var builder = WebApplication.CreateBuilder(args);
builder.Services.AddHttpClient();
builder.Services.AddScoped<Steps>();
builder.Services.AddBroker(o => o.Url = builder.Configuration["BROKER_URL"]!);
builder.Services.AddBrokerConsumer(o => o.Concurrency = 4).AddHandler<TripleHandler>();
builder.Services.AddHealthChecks().AddBrokerConsumer();
builder.Services.AddOpenTelemetry()
    .WithTracing(traces => traces.AddSource("Broker").AddAspNetCoreInstrumentation().AddInMemoryExporter(spans))
    .WithMetrics(metrics => metrics.AddMeter("Broker").AddPrometheusExporter());
var app = builder.Build();
app.MapHealthChecks("/ready");
app.MapPrometheusScrapingEndpoint();
app.MapGet("/triple", (int count, IJobPool pool) => pool.MapAsync(Enumerable.Range(0, count).Select(n => new Triple(n))));
app.MapGet("/spans", () => spans.ToArray().Select(span => $"{span.TraceId} {span.Kind} {span.DisplayName}"));
app.Run();

/// <summary>Three times a number.</summary>
public sealed record Triple(int Number) : IJob<int>
{
    public static string Kind => "triple";
}

/// <summary>Takes what a service's handler may ask for: a client factory, a logger, a service of its scope.</summary>
public sealed class TripleHandler(IHttpClientFactory clients, ILogger<TripleHandler> log, Steps steps) : IJobHandler<Triple, int>
{
    public Task<int> HandleAsync(Triple args, JobContext job)
    {
        using var client = clients.CreateClient();
        log.LogInformation("step {Step} of job {JobId}", steps.Next(), job.JobId);
        return Task.FromResult(args.Number * 3);
    }
}

public sealed class Steps
{
    private int _step;

    public int Next() => ++_step;
}
