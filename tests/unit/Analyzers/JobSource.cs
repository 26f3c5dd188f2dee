using Broker.Analyzers;
using Broker.Contracts;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp;
using Microsoft.CodeAnalysis.Diagnostics;

namespace Broker.Tests.Unit.Analyzers;

/// <summary>Source text as a user's project would compile it, with the analyzer.</summary>
internal static class JobSource
{
    private static readonly MetadataReference[] References =
    [
        .. ((string)AppContext.GetData("TRUSTED_PLATFORM_ASSEMBLIES")!).Split(Path.PathSeparator)
            .Where(file => Path.GetFileName(file) is "System.Runtime.dll" or "System.Private.CoreLib.dll" or "System.Collections.dll")
            .Append(typeof(KindName).Assembly.Location)
            .Select(file => MetadataReference.CreateFromFile(file)),
    ];

    /// <summary>What the analyzer reports, in order of place. The source must compile without it.</summary>
    public static async Task<IReadOnlyList<Diagnostic>> AnalyzeAsync(string source)
    {
        var cancellation = TestContext.Current.CancellationToken;
        var tree = CSharpSyntaxTree.ParseText($"using System;\nusing Broker.Contracts;\n{source}", new CSharpParseOptions(LanguageVersion.Latest), cancellationToken: cancellation);
        var compilation = CSharpCompilation.Create("user", [tree], References, new CSharpCompilationOptions(OutputKind.DynamicallyLinkedLibrary));
        Assert.Empty(compilation.GetDiagnostics(cancellation).Where(diagnostic => diagnostic.Severity == DiagnosticSeverity.Error));

        // An exception in the analyzer is itself reported as a diagnostic (AD0001), so every test here would fail.
        var reported = await compilation.WithAnalyzers([new JobKindAnalyzer()]).GetAnalyzerDiagnosticsAsync(cancellation);
        return [.. reported.OrderBy(diagnostic => diagnostic.Location.SourceSpan.Start)];
    }

    /// <summary>The text that the diagnostic underlines.</summary>
    public static string Underlined(Diagnostic diagnostic) => diagnostic.Location.SourceTree!.ToString().Substring(diagnostic.Location.SourceSpan.Start, diagnostic.Location.SourceSpan.Length);
}
