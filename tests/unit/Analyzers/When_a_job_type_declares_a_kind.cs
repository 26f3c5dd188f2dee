using Broker.Contracts;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp;

namespace Broker.Tests.Unit.Analyzers;

public sealed class When_a_job_type_declares_a_kind
{
    [Theory]
    [InlineData("public sealed record Resize(int Width) : IJob<int> { public static string Kind => \"resize\"; }")]
    [InlineData("public sealed class Resize : IJob<int> { public static string Kind { get; } = \"resize\"; }")]
    [InlineData("public record struct Resize(int Width) : IJob<int> { public static string Kind { get { return \"resize\"; } } }")]
    [InlineData("public abstract record Image : IJob<int> { public static string Kind => \"image\"; } public sealed record Resize : Image;")]
    [InlineData("public abstract record Image { public static string Kind => \"image\"; } public sealed record Resize : Image, IJob<int>;")]
    [InlineData("public sealed partial record Resize : IJob<int>; public sealed partial record Resize { public static string Kind => \"resize\"; }")]
    public async Task A_valid_kind_has_no_diagnostic(string source) => Assert.Empty(await JobSource.AnalyzeAsync(source));

    [Theory]
    [InlineData("public abstract record Image : IJob<int>;")]
    [InlineData("public interface IImage : IJob<int>;")]
    [InlineData("public sealed record Resize(int Width) { public static string Kind => \"Not A Job\"; }")]
    [InlineData("public interface IJob2<T>; public sealed record Resize(int Width) : IJob2<int>;")]
    [InlineData("public static class Jobs { public static string Of<TJob>() where TJob : IJob<int> => TJob.Kind; }")]
    public async Task Other_types_need_no_kind(string source) => Assert.Empty(await JobSource.AnalyzeAsync(source));

    [Theory]
    [InlineData("public static string Kind => \"No Good\";", "\"No Good\"")]
    [InlineData("public static string Kind { get; } = \"No Good\";", "\"No Good\"")]
    [InlineData("public static string Kind { get => \"No Good\"; }", "\"No Good\"")]
    [InlineData("public static string Kind { get { return \"No Good\"; } }", "\"No Good\"")]
    [InlineData("public static string Kind => (\"No Good\");", "\"No Good\"")]
    [InlineData("public static string Kind => nameof(Resize);", "nameof(Resize)")]
    [InlineData("private const string Prefix = \"shop/\"; public static string Kind => Prefix + \"resize\";", "Prefix + \"resize\"")]
    [InlineData("public static string Kind => null;", "null")]
    public async Task An_invalid_constant_is_an_error_at_its_value(string members, string underlined)
    {
        var reported = Assert.Single(await JobSource.AnalyzeAsync($"public sealed record Resize(int Width) : IJob<int> {{ {members} }}"));
        Assert.Equal(("BROKER002", DiagnosticSeverity.Error, underlined), (reported.Id, reported.Severity, JobSource.Underlined(reported)));
    }

    [Fact]
    public async Task The_constant_of_an_abstract_base_is_checked_at_its_declaration()
    {
        var reported = Assert.Single(await JobSource.AnalyzeAsync("public abstract record Image : IJob<int> { public static string Kind => \"No Good\"; } public sealed record Resize : Image;"));
        Assert.Equal("BROKER002", reported.Id);
    }

    [Theory]
    [InlineData("public static string Kind => Environment.MachineName;")]
    [InlineData("public static string Kind { get { Func<string> name = () => { return \"No Good\"; }; return name().Replace(' ', '-'); } }")]
    [InlineData("public static string Kind => \"No Good\".Replace(' ', '-').ToLowerInvariant();")]
    public async Task A_value_known_only_at_run_time_is_not_checked(string member) =>
        Assert.Empty(await JobSource.AnalyzeAsync($"public sealed record Resize(int Width) : IJob<int> {{ {member} }}"));

    public static TheoryData<string> Names => [.. "a 7up shop.orders_v2-eu _a -a .a A aB a\n größe a* a/b a:b a`a a{a 0 9. ".Split(' '), "a b", new string('a', 100), new string('a', 101)];

    [Theory]
    [MemberData(nameof(Names))]
    public async Task The_analyzer_and_the_run_time_check_apply_the_same_rule(string name)
    {
        var literal = SymbolDisplay.FormatLiteral(name, quote: true);
        var reported = await JobSource.AnalyzeAsync($"public sealed record Resize(int Width) : IJob<int> {{ public static string Kind => {literal}; }}");
        Assert.Equal(KindName.IsValid(name) ? [] : ["BROKER002"], reported.Select(diagnostic => diagnostic.Id));
        Assert.All(reported, diagnostic => Assert.Contains(KindName.Rule, diagnostic.GetMessage(), StringComparison.Ordinal));
    }
}
