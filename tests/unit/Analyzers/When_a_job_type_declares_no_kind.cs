using Microsoft.CodeAnalysis;

namespace Broker.Tests.Unit.Analyzers;

public sealed class When_a_job_type_declares_no_kind
{
    [Theory]
    [InlineData("public sealed record Resize(int Width) : IJob<int>;")]
    [InlineData("public sealed class Resize : IJob<int>;")]
    [InlineData("public struct Resize : IJob<int>;")]
    [InlineData("public readonly record struct Resize(int Width) : IJob<int>;")]
    [InlineData("public record Resize<T>(T Width) : IJob<T>;")]
    [InlineData("public abstract record Image : IJob<int>; public sealed record Resize : Image;")]
    [InlineData("public interface IImage : IJob<int>; public sealed record Resize : IImage;")]
    [InlineData("internal static class Jobs { private sealed record Resize(int Width) : IJob<int>; }")]
    public async Task A_job_type_without_a_kind_is_an_error_at_its_name(string source)
    {
        var reported = Assert.Single(await JobSource.AnalyzeAsync(source));
        Assert.Equal(("BROKER001", DiagnosticSeverity.Error, "Resize"), (reported.Id, reported.Severity, JobSource.Underlined(reported)));
    }

    [Theory]
    [InlineData("internal static string Kind => \"resize\";")]
    [InlineData("public string Kind => \"resize\";")]
    [InlineData("public const string Kind = \"resize\";")]
    [InlineData("public static string Kind() => \"resize\";")]
    [InlineData("public static int Kind => 1;")]
    [InlineData("public static string Kind { set { } }")]
    [InlineData("public static string kind => \"resize\";")]
    [InlineData("static string IJob<int>.Kind => \"resize\";")]
    public async Task Another_member_named_kind_does_not_count(string member)
    {
        var reported = Assert.Single(await JobSource.AnalyzeAsync($"public sealed record Resize(int Width) : IJob<int> {{ {member} }}"));
        Assert.Equal("BROKER001", reported.Id);
    }

    [Theory]
    [InlineData("Resize", "resize")]
    [InlineData("CountPrimes", "count-primes")]
    [InlineData("ReadHTML", "read-html")]
    [InlineData("Größe", "my-kind")]
    public async Task The_message_contains_the_line_to_add(string type, string kind)
    {
        var reported = Assert.Single(await JobSource.AnalyzeAsync($"public sealed record {type}(int Width) : IJob<int>;"));
        Assert.Contains($"`public static string Kind => \"{kind}\";`", reported.GetMessage(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Adding_the_line_of_the_message_fixes_the_error()
    {
        var reported = Assert.Single(await JobSource.AnalyzeAsync("public sealed record Resize(int Width) : IJob<int>;"));
        var line = reported.GetMessage().Split('`')[1];
        Assert.Empty(await JobSource.AnalyzeAsync($"public sealed record Resize(int Width) : IJob<int> {{ {line} }}"));
    }

    [Fact]
    public async Task A_partial_type_is_reported_once() =>
        Assert.Single(await JobSource.AnalyzeAsync("public sealed partial record Resize(int Width) : IJob<int>; public sealed partial record Resize;"));

    [Fact]
    public async Task Each_job_type_without_a_kind_is_reported()
    {
        var reported = await JobSource.AnalyzeAsync("public record First : IJob<int>; public record Second : IJob<int> { public static string Kind => \"second\"; } public record Third : IJob<int>;");
        Assert.Equal(["First", "Third"], reported.Select(JobSource.Underlined));
    }
}
